/** A dbus-daemon for one private host; from then on it is this process's system bus, too. It may be hung for a while. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PrivateHost } from './private-host.js';

export interface PrivateBus {
  readonly hang: () => void;
  readonly goOn: () => void;
  readonly close: () => void;
}

export async function openPrivateBus(host: Pick<PrivateHost, 'directory'>): Promise<PrivateBus> {
  const address = `unix:path=${host.directory}/bus`;
  const file = join(host.directory, 'bus.conf');
  await writeFile(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>${address}</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>`,
  );
  const argv = [`--config-file=${file}`, '--nofork', '--print-address=1'];
  const daemon = spawn('dbus-daemon', argv, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(createInterface({ input: daemon.stdout }), 'line');
  process.env['DBUS_SYSTEM_BUS_ADDRESS'] = address;
  return {
    hang: () => daemon.kill('SIGSTOP'),
    goOn: () => daemon.kill('SIGCONT'),
    close: () => {
      daemon.kill('SIGKILL');
    },
  };
}
