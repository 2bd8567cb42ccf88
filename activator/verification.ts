// Verifies stored snapshots when somebody asks for it, and takes a damaged one out of service. How one is verified is in
// store/verify-snapshot.ts.

import type { Applications } from './applications.js';
import { serialQueue } from './bake/serial-queue.js';
import type { Log } from './log.js';
import { GrenadineError } from '../generator/config/error.js';
import { setAside } from './set-aside.js';
import type { DamagedSnapshot, Store, StoredSnapshot } from './store/store.js';

export interface VerificationTools {
  readonly applications: Applications;
  readonly store: Store;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly progress: (name: string, detail: string) => void;
  /** Snapshots of the application were set aside: it is to be looked at again. */
  readonly changed: (name: string) => Promise<void>;
}

export interface Verified {
  readonly name: string;
  readonly id: string;
  readonly bytes: number;
  /** '' for one that is as it was published. */
  readonly damage: string;
}

export interface Verification {
  /** All snapshots of `name`, or the one with that id; `no-such-snapshot` where there is none. */
  readonly verify: (name: string, id: string) => Promise<readonly Verified[]>;
  /** Takes those out of service that cannot even be listed. */
  readonly setAside: (name: string, damaged: readonly DamagedSnapshot[]) => Promise<void>;
}

/** Who waits longer than that is told how far it is, as often. */
const progressMs = 1000;

/** Why what is verified is set aside. */
const code = 'damaged';

export function createVerification(tools: VerificationTools): Verification {
  const { applications, store } = tools;
  // One at a time: two would only wait for the same disk.
  const queue = serialQueue();

  const setAllAside: Verification['setAside'] = async (name, damaged) => {
    for (const { id, why } of damaged) await setAside(tools, name, { id, code, why });
  };

  const verifyOne = async (name: string, snapshot: StoredSnapshot): Promise<readonly Verified[]> => {
    const { id } = snapshot;
    const total = snapshot.manifest.images.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    let toldMs = tools.nowMs();
    const faults = await store.verify(name, snapshot, (bytes) => {
      done += bytes;
      const nowMs = tools.nowMs();
      if (nowMs - toldMs < progressMs) return;
      toldMs = nowMs;
      tools.progress(name, `${id} ${Math.floor((done * 100) / total)} %`);
    });
    // It may have been removed while it was read, and then nothing of it was to be found.
    if (faults.length > 0 && !(await isStored(name, id))) return [];
    const damage = faults.join('; ');
    if (damage !== '') await setAside(tools, name, { id, code, why: damage });
    return [{ name, id, bytes: snapshot.bytes, damage }];
  };

  const isStored = async (name: string, id: string): Promise<boolean> =>
    (await store.list(name)).some((one) => one.id === id);

  const verifyAll = async (name: string, wanted: string): Promise<readonly Verified[]> => {
    applications.get(name);
    const { whole, damaged } = await store.inventory(name);
    const snapshots = whole.filter(({ id }) => wanted === '' || id === wanted);
    const unlisted = wanted === '' ? damaged : [];
    await setAllAside(name, unlisted);
    const verified = unlisted.map(({ id, why }): Verified => ({ name, id, bytes: 0, damage: why }));
    if (wanted !== '' && snapshots.length === 0)
      throw new GrenadineError(
        'no-such-snapshot',
        `${name} has no snapshot ${wanted}; see: grenadine list ${name}`,
      );
    for (const snapshot of snapshots) verified.push(...(await verifyOne(name, snapshot)));
    if (verified.some(({ damage }) => damage !== '')) await tools.changed(name);
    return verified;
  };

  return { verify: (name, id) => queue.add(() => verifyAll(name, id)), setAside: setAllAside };
}
