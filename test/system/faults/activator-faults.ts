/** What goes wrong with the activator and with the plans that it leaves. */
import { rename, rm, truncate } from 'node:fs/promises';
import { openSystemBus } from '../../../activator/bus/connection.js';
import { busName, interfaceName, objectPath } from '../../../activator/bus/api.js';
import { mainPid, systemctl } from '../systemctl.js';
import { nothingToMend, type Fault, type FaultGroup, type Injected } from './fault.js';
import { activator, name } from './faulty.js';

async function stopActivator(): Promise<Injected> {
  await systemctl('mask', '--runtime', '--now', activator);
  return {
    mend: async () => {
      await systemctl('unmask', '--runtime', activator);
      await systemctl('start', activator);
    },
  };
}

/** Takes the activator's name and answers each launcher `ids`. */
async function pretend(signature: string, ids: unknown): Promise<Injected> {
  const { mend } = await stopActivator();
  const bus = await openSystemBus(() => undefined);
  const methods = {
    Activate: { in: 'ss', out: signature, run: () => ids },
    Report: { in: 'sa{ss}', out: '', noReply: true as const, run: () => undefined },
  };
  bus.export(objectPath, interfaceName, methods, {});
  await bus.requestName(busName);
  return {
    mend: async () => {
      bus.close();
      await mend();
    },
  };
}

const isStranger =
  /or one of another version, proceeding[^]*this version's grenadine-activator[^]*Mend: busctl[^]*Came up: restored/;

const plan = `/var/lib/grenadine/${name}/current/plan`;

const activatorFaults: readonly Fault[] = [
  {
    name: 'the activator is stopped, and cannot be started',
    injected: 'systemctl mask --now',
    inject: stopActivator,
    ...{
      from: 'restored',
      says: /is not on the bus, proceeding[^]*-activator is masked\.[^]*Mend: systemctl unmask[^]*Came up: restored/,
      snapshot: 'kept',
    },
  },
  {
    name: 'the activator hangs',
    injected: 'SIGSTOP',
    inject: async () => {
      const pid = await mainPid(activator);
      process.kill(pid, 'SIGSTOP');
      return { mend: () => Promise.resolve(process.kill(pid, 'SIGCONT')) };
    },
    ...{
      from: 'restored',
      says: /did not answer within 200 ms, proceeding[^]*runs, but does not answer[^]*Came up: restored/,
      snapshot: 'kept',
    },
  },
  {
    name: 'another program has the activator’s name, and names what is no snapshot',
    injected: 'a program on the bus that answers Activate with a path',
    inject: () => pretend('as', ['../../../../etc']),
    ...{ from: 'restored', says: isStranger, snapshot: 'kept' },
  },
  {
    name: 'another program has the activator’s name, and names a snapshot that there is not',
    injected: 'a program on the bus that answers Activate with ffffffffffff',
    inject: () => pretend('as', ['ffffffffffff']),
    ...{ from: 'cold', code: 'no-snapshot', snapshot: 'kept' },
    says: /the activator named this snapshot[^]*this version's grenadine-activator[^]*Came up: booted cold/,
  },
  {
    name: 'another program has the activator’s name, and answers something else',
    injected: 'a program on the bus that answers Activate with a number',
    inject: () => pretend('u', 7),
    ...{ from: 'restored', says: isStranger, snapshot: 'kept' },
  },
  {
    name: 'the bus is gone',
    injected: 'systemctl stop dbus.socket dbus.service, with the activator masked, which would bring it back',
    inject: async () => {
      const { mend } = await stopActivator();
      await systemctl('stop', 'dbus.socket', 'dbus.service');
      return {
        mend: async () => {
          await systemctl('start', 'dbus.socket', 'dbus.service');
          await mend();
        },
      };
    },
    ...{
      from: 'restored',
      says: /The system bus, by which the activator is asked, [^]*the system bus cannot be reached\.[^]*State: active[^]*Came up: restored/,
      snapshot: 'kept',
    },
  },
];

const planFaults: readonly Fault[] = [
  {
    name: 'the plan of the snapshot is missing',
    injected: 'unlink(2)',
    inject: async () => {
      await rm(plan);
      return nothingToMend;
    },
    ...{ from: 'cold', code: 'plan-invalid', says: /damaged the store/, snapshot: 'set aside' },
  },
  {
    name: 'the plan of the snapshot is torn',
    injected: 'truncate(2) to 100 bytes',
    inject: async () => {
      await truncate(plan, 100);
      return nothingToMend;
    },
    ...{ from: 'cold', code: 'plan-invalid', says: /damaged the store/, snapshot: 'set aside' },
  },
  {
    name: 'the store is gone while the activator runs',
    injected: 'rename(2) of its folder in /var/lib/grenadine/',
    inject: async () => {
      const home = `/var/lib/grenadine/${name}`;
      await rename(home, `${home}.away`);
      return {
        mend: async () => {
          await systemctl('stop', activator);
          await rm(home, { recursive: true, force: true });
          await rename(`${home}.away`, home);
          await systemctl('start', activator);
        },
      };
    },
    ...{ from: 'cold', code: 'no-snapshot', says: /the folder of its snapshot was gone/, snapshot: 'kept' },
  },
];

export const activatorGroups: readonly FaultGroup[] = [
  { title: 'The activator', faults: activatorFaults },
  { title: 'The plan', faults: planFaults },
];
