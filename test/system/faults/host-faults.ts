/** What the host refuses, or has no more of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { grenadine } from '../grenadine.js';
import { mustRun } from '../run-command.js';
import { pretend } from './criu-faults.js';
import type { Fault, FaultGroup, Injected } from './fault.js';
import { limit, name, watchUnit } from './faulty.js';

const refused = { from: 'cold', says: /without namespaces of its own/, snapshot: 'kept' } as const;

const refusals: readonly Fault[] = [
  {
    name: 'clone is refused',
    injected: 'a drop-in with RestrictNamespaces=yes',
    inject: () => limit('RestrictNamespaces=yes'),
    ...{ ...refused, code: 'namespaces-failed' },
  },
  {
    name: 'pivot_root is refused',
    injected: 'a drop-in with SystemCallFilter=~pivot_root',
    inject: () => limit('SystemCallFilter=~pivot_root', 'SystemCallErrorNumber=EPERM'),
    ...{ ...refused, code: 'namespaces-failed' },
  },
  {
    name: 'mount is refused',
    injected: 'a drop-in with SystemCallFilter=~mount',
    inject: () => limit('SystemCallFilter=~mount', 'SystemCallErrorNumber=EPERM'),
    ...{ ...refused, code: 'namespaces-failed' },
  },
];

/** Fills what is left of this PID namespace once told to, and empties it again. */
const filler = `
import os, signal, sys
children = []
try:
    while True:
        pid = os.fork()
        if pid == 0:
            signal.pause()
        children.append(pid)
except BlockingIOError:
    print('full', flush=True)
sys.stdin.read()
for pid in children:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
`;

const pidMax = '/proc/sys/kernel/pid_max';

/** pid_max is of the PID namespace since Linux 6.14: that of the bed. It may not be lower than 301. */
async function takeAllPids(): Promise<Injected> {
  const felt = await watchUnit(({ result }) => result === 'resources');
  const before = await readFile(pidMax, 'utf8');
  await writeFile(pidMax, '400');
  const child = spawn('python3', ['-c', filler], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    felt,
    mend: async () => {
      child.stdin.end();
      await once(child, 'close');
      await writeFile(pidMax, before);
    },
  };
}

const shortages: readonly Fault[] = [
  {
    name: 'there are no more PIDs',
    injected: 'processes up to kernel.pid_max, until systemd could not fork',
    inject: takeAllPids,
    ...{ from: undefined, says: /Resource temporarily unavailable/, snapshot: 'kept' },
  },
  {
    name: 'the unit’s limit of address space is too low for a restore',
    injected: 'a drop-in with LimitAS=20M, with which it boots',
    inject: () => limit('LimitAS=20M'),
    ...{ from: 'cold', code: 'host-refused', says: /Cannot allocate memory/, snapshot: 'kept' },
  },
  {
    name: 'the unit’s limit of open files is too low for a restore',
    injected: 'a drop-in with LimitNOFILE=64, with which it boots',
    inject: () => limit('LimitNOFILE=64'),
    ...{ from: 'cold', code: 'host-refused', says: /limit of open files/, snapshot: 'kept' },
  },
  {
    name: 'the unit may write no file',
    injected: 'a drop-in with LimitFSIZE=0',
    inject: () => limit('LimitFSIZE=0'),
    ...{ from: 'cold', code: 'host-refused', says: /limit of the size of files/, snapshot: 'kept' },
  },
  {
    name: 'the unit’s limit of memory is too low for a restore',
    injected: 'a program in the place of CRIU that dies of SIGKILL, as MemoryMax= has it',
    inject: () => pretend('kill -KILL $$'),
    ...{ from: 'cold', code: 'host-refused', says: /The snapshot is kept/, snapshot: 'kept' },
  },
  {
    name: '/run is read-only',
    injected: 'a drop-in with ReadOnlyPaths=/run',
    inject: () => limit('ReadOnlyPaths=/run'),
    ...{ from: 'cold', code: 'host-refused', says: /Read-only file system/, snapshot: 'kept' },
  },
  {
    name: 'there is no room left in the store',
    injected: 'a full tmpfs on /var/lib/grenadine/NAME/tmp, and a bake',
    inject: async () => {
      const place = `/var/lib/grenadine/${name}/tmp`;
      await mustRun(['mount', '-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', place]);
      await writeFile(`${place}/full`, Buffer.alloc(64 * 1024)).catch(() => undefined);
      await grenadine('bake', name);
      return { mend: () => mustRun(['umount', place]) };
    },
    ...{ from: 'restored', says: /the file system is full; what helps: df -h/, snapshot: 'kept' },
  },
];

export const hostGroups: readonly FaultGroup[] = [
  { title: 'What the host refuses', faults: refusals },
  { title: 'What the host has no more of', faults: shortages },
];
