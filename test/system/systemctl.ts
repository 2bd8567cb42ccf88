/** What the tests ask of systemd, through systemctl(1), which waits for the jobs that it starts. */
import { mustRun } from './run-command.js';

/** A stop may wait for the application to end by itself: TimeoutStopSec= is 90 s. */
const jobTimeoutMs = 60_000;

export async function systemctl(...words: readonly string[]): Promise<void> {
  await mustRun(['systemctl', '--quiet', ...words], jobTimeoutMs);
}

/** The properties of a unit, by name. */
export async function showUnit(unit: string): Promise<Readonly<Record<string, string>>> {
  const text = await mustRun(['systemctl', 'show', unit]);
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
  );
}

export async function mainPid(unit: string): Promise<number> {
  const pid = Number((await showUnit(unit))['MainPID']);
  if (pid > 0) return pid;
  throw new Error(`${unit} does not run`);
}

/** Waits until a unit whose main process was `pid` and was killed runs again. */
export async function waitUntilReplaced(unit: string, pid: number): Promise<void> {
  // systemd hears of a death a moment later than others do.
  while ((await showUnit(unit))['MainPID'] === `${pid}`);
  await waitUntilStarted(unit);
}

/** Waits until the start of a unit that something else began is over; it is an error when that failed. */
export async function waitUntilStarted(unit: string): Promise<void> {
  await systemctl('start', unit);
}
