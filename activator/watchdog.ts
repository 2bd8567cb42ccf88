// Has systemd know that the event loop turns, as often as WatchdogSec= of the unit wants to: sd_watchdog_enabled(3). One that
// hangs is restarted then; restores go on without it, but nobody would follow a release.

export type Environment = Readonly<Record<string, string | undefined>>;

/** undefined where nobody waits for it, or for another process. */
export function watchdogMs(
  { WATCHDOG_USEC: usec, WATCHDOG_PID: of }: Environment,
  pid: number,
): number | undefined {
  const wanted = Number(usec ?? 0) / 1000;
  return wanted > 0 && (of === undefined || Number(of) === pid) ? wanted : undefined;
}

/** Three times within the time: one that comes late, on a busy host, is no reason. */
export function keepWatchdog(everyMs: number | undefined, live: () => void): void {
  if (everyMs === undefined) return;
  setInterval(live, everyMs / 3).unref();
}
