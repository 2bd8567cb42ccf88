// CRIU's own last errors, read from a log as it writes them.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { criuErrors } from '../../activator/restore/criu-log.js';

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-criu-log-'));
  await mkdir(join(root, 'work/web'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

test('each error is told once, whichever time and process stand before it', async () => {
  await writeFile(
    join(root, 'work/web/restore.log'),
    `(00.000001) Error (criu/util.c:1): Cannot set RLIMIT_NOFILE for self
(00.000002) Warn  (criu/x.c:1): never mind
(00.000003)      2: Error (criu/mem.c:1467): Can't open vma
(00.000004)      3: Error (criu/mem.c:1467): Can't open vma
(00.000005) Error (criu/cr-restore.c:2331): Restoring FAILED.
`,
  );
  assert.deepEqual(await criuErrors('web', root), [
    "(00.000003)      2: Error (criu/mem.c:1467): Can't open vma",
    '(00.000005) Error (criu/cr-restore.c:2331): Restoring FAILED.',
  ]);
});

test('where there is no log there are none', async () => {
  assert.deepEqual(await criuErrors('other', root), []);
});
