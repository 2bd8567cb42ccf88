/** What must be true of the store that `store-acts` works upon, whatever has befallen it in the middle of an act. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { parsePlan } from '../../../activator/store/plan.js';
import { openStore } from '../../../activator/store/store.js';

export const storeActs = '/src/build/test/system/faults/store-acts.js';

/** As the activator finds it at its next start. `ids` are those of `prepare`, the oldest first. */
export async function mustBeWhole(root: string, act: string, ids: readonly string[]): Promise<void> {
  const store = openStore(root);
  for (const id of ids) assert.ok(id !== '');
  const snapshots = await store.list('web');
  for (const snapshot of snapshots)
    assert.deepEqual(await store.verify('web', snapshot, () => undefined), [], `${act}: ${snapshot.id}`);
  for (const { why } of (await store.inventory('web')).damaged)
    assert.equal(why, 'restore-failed it was said');
  const current = await store.chosen('web', 'current');
  if (act === 'quarantine') assert.ok(current === undefined || current === ids[1]);
  else assert.ok(current !== undefined && snapshots.some(({ id }) => id === current), `${act}: no current`);
  const kept = act === 'remove' ? ids.slice(1) : act === 'quarantine' ? ids.slice(0, 1) : ids;
  for (const id of kept)
    assert.ok(
      snapshots.some((one) => one.id === id),
      `${act}: ${id} is lost`,
    );
  if (current !== undefined) {
    const plan = await readFile(`${root}/var/lib/grenadine/web/current/plan`, 'utf8');
    assert.equal(parsePlan(plan).snapshot, current);
  }
  await store.sweep();
  assert.deepEqual(await readdir(`${root}/var/lib/grenadine/web/tmp`), []);
}
