/**
 * The `store-acts` program: `store-acts ROOT ACT` does one thing to the store of application `web` below ROOT, by the
 * activator's own code. Two snapshots are there after `prepare`; the other acts do what each is called.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../../activator/store/manifest.js';
import { renderManifest, snapshotId } from '../../../activator/store/manifest.js';
import { hashImages } from '../../../activator/store/hash-images.js';
import { renderPlan } from '../../../activator/store/plan.js';
import { planSum } from '../../../activator/store/plan-sum.js';
import { openStore } from '../../../activator/store/store.js';
import { exampleManifest, examplePlan } from '../../unit/store-example.js';

const [root = '', act = ''] = process.argv.slice(2);
const store = openStore(root);
const imageBytes = 100_000;

async function publish(createdUs: number): Promise<void> {
  const draft = await store.beginBake('web');
  for (const [index, name] of ['core-2.img', 'files.img', 'pages-1.img'].entries())
    await writeFile(join(draft, 'criu', name), Buffer.alloc(imageBytes, index + 1));
  const manifest: Manifest = {
    ...exampleManifest,
    createdUs,
    images: await hashImages(join(draft, 'criu')),
    planSha256: planSum(renderPlan(examplePlan), examplePlan.snapshot),
  };
  const text = renderManifest(manifest);
  await writeFile(join(draft, 'manifest.json'), text);
  await writeFile(join(draft, 'plan'), renderPlan({ ...examplePlan, snapshot: snapshotId(text) }));
  await store.publish('web', draft, manifest);
}

async function idOf(which: 'newest' | 'oldest'): Promise<string> {
  const id = (await store.list('web')).at(which === 'newest' ? 0 : -1)?.id;
  if (id === undefined) throw new Error('the store is empty');
  return id;
}

const acts: Readonly<Record<string, () => Promise<void>>> = {
  nothing: () => Promise.resolve(),
  prepare: async () => {
    await publish(1);
    await publish(2);
  },
  publish: () => publish(3),
  choose: async () => store.choose('web', 'pin', await idOf('oldest')),
  quarantine: async () => store.quarantine('web', await idOf('newest'), 'restore-failed it was said'),
  remove: async () => store.remove('web', await idOf('oldest')),
};

const chosen = acts[act];
if (chosen === undefined) throw new Error(`there is no act '${act}'`);
await chosen();
