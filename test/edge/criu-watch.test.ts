// The watch on the criu program: told of once, whichever way the program was exchanged.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { watchCriu } from '../../activator/host/criu-watch.js';

const news = new EventEmitter();
let root = '';
let close: () => Promise<void>;
/** What would be told, were the rest over. */
let due: (() => void) | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-criu-'));
  await writeFile(join(root, 'criu'), 'one');
  close = watchCriu({
    paths: [join(root, 'criu')],
    later: (_, act) => {
      due = act;
      news.emit('due');
      return () => {
        due = undefined;
      };
    },
    warn: (message) => {
      throw new Error(message);
    },
    touched: () => news.emit('touched'),
  });
  // The watch has begun: whatever came before it was missed.
  await untilDue();
  due = undefined;
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true });
});

async function untilDue(): Promise<void> {
  await once(news, 'due', { signal: AbortSignal.timeout(5000) });
}

for (const [how, exchange] of [
  ['replaced as dpkg does it', () => rename(join(root, 'criu.dpkg-new'), join(root, 'criu'))],
  ['removed', () => rm(join(root, 'criu'))],
] as const) {
  test(`a criu that was ${how} is told of`, async () => {
    await writeFile(join(root, 'criu.dpkg-new'), 'another');
    const noticed = untilDue();
    await exchange();
    await noticed;
    const told = once(news, 'touched', { signal: AbortSignal.timeout(5000) });
    assert.ok(due !== undefined);
    due();
    await told;
  });
}
