/** What goes wrong with what was restored. */
import { rm } from 'node:fs/promises';
import { systemctl } from '../systemctl.js';
import type { Fault, FaultGroup } from './fault.js';
import { activator, name, order, watchUnit } from './faulty.js';

const processFaults: readonly Fault[] = [
  {
    name: 'the restored process dies at once',
    injected: 'an order to exit with 9 before it accepts',
    inject: () => order('die'),
    ...{ from: 'cold', code: 'ended-early', says: /ended with exit status 9/, snapshot: 'set aside' },
  },
  {
    name: 'the restored process never answers',
    injected: 'an order to sleep for ever before it accepts',
    inject: () => order('hang'),
    ...{
      from: 'cold',
      code: 'no-answer',
      says: /took none of the waiting connections for \d+ ms/,
      snapshot: 'set aside',
    },
  },
  {
    name: 'the restored process dies of each first request',
    injected: 'an order to dump core once it has accepted',
    inject: () => order('crash'),
    clientTriesAgain: true,
    ...{
      from: 'cold',
      code: 'no-snapshot',
      says: /Clients whose connection it had taken were cut off/,
      snapshot: 'set aside',
    },
  },
  {
    name: 'the application fails at each boot, and is mended at last',
    injected: 'its snapshot removed, and an order to exit with 1 at the boot until it was started four times',
    inject: async (snapshot) => {
      await rm(`/var/lib/grenadine/${name}/snapshots/${snapshot}`, { recursive: true });
      await systemctl('restart', activator);
      const { mend } = await order('broken');
      return { mend, felt: await watchUnit(({ restarts }) => restarts >= 3) };
    },
    ...{ from: 'cold', code: 'no-snapshot', says: /Why it was started again/, snapshot: 'stale' },
  },
];

export const processGroups: readonly FaultGroup[] = [{ title: 'What was restored', faults: processFaults }];
