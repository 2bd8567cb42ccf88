/** Applications and requests that the tests of a switch share. */
import { configuration, sockets } from './private-host.js';

/** Shell text that says when it is up and when it is told to stop, by one of three signals, and answers SIGUSR1; ends with `status`. */
export function program(name: string, status: number, atStop = ''): string {
  return `trap '${atStop}echo ${name} stops; exit ${status}' TERM QUIT WINCH
trap 'grep flags /proc/$PPID/fdinfo/3; echo ${name} is here' USR1
trap 'exit ${status}' USR2
echo ${name} is up
while :; do sleep 0.01; done`;
}

/** What ExecReload= says on the control socket, as of an unchanged unit with systemd's defaults. */
export const switchLine = switchAs({});

export function switchAs({
  ofConfiguration = configuration,
  ofSockets = sockets,
  signal = '15',
  timeoutUs = '90000000',
}): string {
  return `switch ${ofConfiguration} ${ofSockets} ${signal} ${timeoutUs}`;
}

/** Looks again until it is so, for ten seconds; what throws is not so yet. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (!(await isSo().catch(() => false))) deadline.throwIfAborted();
}
