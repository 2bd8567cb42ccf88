/**
 * A way out for a bed: user-mode networking from its own network namespace, so that whoever tries things in it can
 * install packages, and beds side by side still listen on the same ports. Tests do without it.
 */
import { writeFile } from 'node:fs/promises';
import { BedError } from './bed-error.js';
import type { Layer } from './layer.js';
import { lastLines, startCommand } from './run-command.js';

/** The cgroup is joined before the exec, so that the bed's end is the end of this, too. */
const joinScript = `echo $$ >"$1/cgroup.procs" && shift && exec "$@"`;

/** slirp4netns's own resolver, which asks the host's. */
const resolver = '10.0.2.3';

const readyTimeoutMs = 10_000;

/** Returns once the bed whose PID 1 is `leader` has its route; throws `no-network` with what slirp4netns said. */
export async function connectNetwork(leader: number, layer: Layer): Promise<void> {
  const slirp = await startCommand([
    ...['sh', '-c', joinScript, 'bed-network', layer.cgroup],
    // Nothing of the host's loopback is the bed's business. --ready-fd: a byte on standard output once it is up.
    ...['slirp4netns', '--configure', '--mtu=65520', '--disable-host-loopback', '--ready-fd=1'],
    ...[`${leader}`, 'tap0'],
  ]);
  let said = '';
  slirp.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  let timer: NodeJS.Timeout | undefined;
  const isUp = await Promise.race([
    new Promise<boolean>((resolve) => {
      slirp.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.toString('utf8').endsWith('1')) resolve(true);
      });
    }),
    slirp.ended.then(() => false),
    new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, readyTimeoutMs, false);
    }),
  ]);
  clearTimeout(timer);
  if (!isUp) {
    slirp.kill();
    throw new BedError('no-network', `the bed got no network: ${lastLines(said, 5)}`);
  }
  await writeFile(`/proc/${leader}/root/etc/resolv.conf`, `nameserver ${resolver}\n`);
}
