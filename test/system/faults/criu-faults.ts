/** What goes wrong with CRIU, the program, and with the processors that it looks at. */
import { chmod, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { systemctl } from '../systemctl.js';
import type { Fault, FaultGroup, Injected } from './fault.js';
import { activator, criu } from './faulty.js';

const away = `${criu}.away`;
const lscpu = '/usr/bin/lscpu';

async function putBack(): Promise<void> {
  await rename(away, criu);
}

/** A program in the place of criu that looks like it from outside, and does `act` instead of a restore. */
export async function pretend(act: string): Promise<Injected> {
  const { size, atime, mtime } = await stat(criu);
  await rename(criu, away);
  const script = `#!/bin/bash\n[ "$1" = restore ] || exec -a criu ${away} "$@"\n${act}\nexit 1\n`;
  await writeFile(`${criu}.new`, script);
  await truncate(`${criu}.new`, size);
  await chmod(`${criu}.new`, 0o755);
  await utimes(`${criu}.new`, atime, mtime);
  await rename(`${criu}.new`, criu);
  return { mend: putBack };
}

/** Has the activator find a processor without the last of its features. */
async function loseFeature(): Promise<Injected> {
  await rename(lscpu, `${lscpu}.away`);
  const script = `#!/bin/sh\n${lscpu}.away "$@" | sed -E 's/^( *Flags:.*) [^ ]+ *$/\\1/'\n`;
  await writeFile(lscpu, script);
  await chmod(lscpu, 0o755);
  await systemctl('restart', activator);
  return {
    mend: async () => {
      await rename(`${lscpu}.away`, lscpu);
      await systemctl('restart', activator);
    },
  };
}

/** As Debian 12's does, it says its version and knows how to do nothing that we need. */
export const tooOld = '#!/bin/sh\n[ "$1" = --version ] || exit 1\necho "Version: 3.17.1"\n';

const criuFaults: readonly Fault[] = [
  {
    name: 'CRIU is missing',
    injected: 'rename(2) of /usr/sbin/criu',
    inject: async () => {
      await rename(criu, away);
      return { mend: putBack };
    },
    ...{ from: 'cold', code: 'no-criu', says: /install CRIU/i, snapshot: 'kept' },
  },
  {
    name: 'CRIU is another one, and too old',
    injected: 'a program in its place that says it is 3.17',
    inject: async () => {
      await rename(criu, away);
      await writeFile(criu, tooOld, { mode: 0o755 });
      return {
        mend: async () => {
          await rm(criu);
          await putBack();
        },
      };
    },
    ...{
      from: 'cold',
      code: 'snapshot-stale',
      says: /\/usr\/sbin\/criu is version 3\.17\.1, but 4\.2 or newer is needed/,
      snapshot: 'stale',
    },
  },
  {
    name: 'CRIU crashes',
    injected: 'a program of its size and time in its place that dies of SIGABRT',
    inject: () => pretend('kill -ABRT $$'),
    ...{ from: 'cold', code: 'restore-failed', says: /criu was ended by SIGABRT/, snapshot: 'set aside' },
  },
  {
    name: 'CRIU hangs',
    injected: 'a program of its size and time in its place that sleeps',
    inject: () => pretend('exec sleep infinity'),
    ...{
      from: 'cold',
      code: 'restore-timeout',
      says: /criu was not done after \d+ ms/,
      snapshot: 'set aside',
    },
  },
  {
    name: 'the processor lacks what the application has found in it',
    injected: 'lscpu that does not tell the last feature, and a restart of the activator',
    inject: loseFeature,
    ...{
      from: 'cold',
      code: 'no-snapshot',
      says: /no snapshot fitted any more: .*has other features than it had/,
      snapshot: 'stale',
    },
  },
];

export const criuGroups: readonly FaultGroup[] = [{ title: 'CRIU', faults: criuFaults }];
