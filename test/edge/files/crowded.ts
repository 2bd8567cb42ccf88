// A program for file-watch-crowded.test.ts: watches twenty directories where fewer watches are left, has a file in the
// last of them replaced, and prints what it was warned of, an empty line, and the snapshots that a look then finds stale.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialQueue } from '../../../activator/bake/serial-queue.js';
import { recordFiles } from '../../../activator/files/record.js';
import { openFileWatch } from '../../../activator/files/watch.js';
import { later } from '../../../activator/later.js';

const root = await mkdtemp(join(tmpdir(), 'grenadine-crowded-'));
const paths = Array.from({ length: 20 }, (_, at) => join(root, String(at), 'a.so'));
for (const path of paths) {
  await mkdir(join(path, '..'));
  await writeFile(path, 'one');
}
const dumped = paths.map(
  (path) => ({ path, use: 'code', size: 3, buildId: undefined, mappedEnd: 3 }) as const,
);
const snapshots = [{ id: 'one', manifest: { files: await recordFiles({ files: dumped, loosened: [] }) } }];

const warnings: string[] = [];
let stale: readonly string[] = [];
let heard = (): void => undefined;
const warned = new Promise<void>((resolve) => {
  heard = resolve;
});
const watch = openFileWatch({
  nowMs: () => performance.now(),
  later,
  queue: serialQueue(),
  warn: (message) => {
    warnings.push(message);
    heard();
  },
  seen: (_, changed) => {
    stale = [...changed.keys()];
  },
  settled: () => undefined,
});
await watch.look('web', snapshots);
await warned;
await writeFile(join(root, '19/a.so'), 'another');
await watch.look('web', snapshots);
await watch.close();
await rm(root, { recursive: true });
process.stdout.write(`${warnings.join('\n')}\n\n${stale.join('\n')}\n`);
