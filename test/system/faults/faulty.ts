/** The application that all faults are tried on, and where its things are: test/apps/faulty. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { openSystemBus } from '../../../activator/bus/connection.js';
import { openSystemd } from '../../../activator/bus/systemd.js';
import type { UnitState } from '../../../activator/bus/unit-properties.js';
import { systemctl } from '../systemctl.js';
import type { Injected } from './fault.js';

export const name = 'faulty';
export const address = '127.0.0.1:4070';
export const unit = `${name}.service`;
export const activator = 'grenadine-activator.service';
export const criu = '/usr/sbin/criu';
export const library = '/srv/faulty/libfaulty.so';

const orders = '/srv/faulty/orders';
const dropIn = `/run/systemd/system/${unit}.d`;

export function imagesOf(snapshot: string): string {
  return `/var/lib/grenadine/${name}/snapshots/${snapshot}/criu`;
}

/** Gives the application an order; answers what takes it back. */
export async function order(what: 'broken' | 'die' | 'hang' | 'crash'): Promise<Injected> {
  await writeFile(`${orders}/${what}`, '');
  return { mend: () => rm(`${orders}/${what}`, { force: true }) };
}

/** Lines of [Service] for the unit of the application. */
export async function limit(...lines: readonly string[]): Promise<Injected> {
  await mkdir(dropIn, { recursive: true });
  await writeFile(`${dropIn}/fault.conf`, ['[Service]', ...lines, ''].join('\n'));
  await systemctl('daemon-reload');
  return {
    mend: async () => {
      await rm(dropIn, { recursive: true });
      await systemctl('daemon-reload');
    },
  };
}

/**
 * Answers what waits until the unit is as `isWanted`. Asks on the bus, from this process: where there are no more PIDs,
 * no systemctl can be started either.
 */
export async function watchUnit(isWanted: (state: UnitState) => boolean): Promise<() => Promise<void>> {
  const bus = await openSystemBus(() => undefined);
  const systemd = await openSystemd(bus);
  return async () => {
    const deadline = AbortSignal.timeout(20_000);
    try {
      while (!isWanted(await systemd.state(unit))) deadline.throwIfAborted();
    } finally {
      bus.close();
    }
  };
}
