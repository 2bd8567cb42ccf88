/** Plans that hold on this machine, for the launcher's tests. */
import { stat } from 'node:fs/promises';
import { release } from 'node:os';
import { renderPlan, type Plan } from '../../../activator/store/plan.js';
import { configuration, type PrivateHost } from './private-host.js';

/** Matches the stand-in for criu and the two listeners of `host`, but for what `changes` says. */
export async function planFor(host: PrivateHost, id: string, changes: Partial<Plan> = {}): Promise<string> {
  const criu = await stat(`${host.directory}/criu`);
  return renderPlan({
    application: 'web',
    snapshot: id,
    configuration,
    kernel: release(),
    criu: { size: criu.size, mtimeSec: Math.floor(criu.mtimeMs / 1000), doesWithout: false },
    release: undefined,
    pid: 2,
    pidFloor: 4096,
    stdout: 1001,
    stderr: 1002,
    isMapped: false,
    isForOnce: false,
    hasSeed: false,
    listeners: [
      { index: 0, inode: 2001, nonblock: true, backlog: 7, options: [] },
      { index: 1, inode: 2002, nonblock: false, backlog: undefined, options: [] },
    ],
    signals: [],
    after: [],
    files: [],
    deadlineMs: 10_000,
    ...changes,
  });
}
