// What becomes of the watch where the host has no inotify watches left. A user namespace has a limit of its own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('files/crowded.js', import.meta.url));
const script = 'echo 5 >/proc/sys/user/max_inotify_watches && exec "$0" "$1"';

test('without watches left there is one word of warning, and a look finds what was replaced all the same', async () => {
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['--user', '--map-root-user', 'sh', '-c', script, process.execPath, program],
    { timeout: 20_000 },
  );
  const [warnings, stale] = stdout.trimEnd().split('\n\n');
  assert.match(warnings ?? '', /^.* cannot be watched: .*noticed at the next start.*$/);
  assert.equal(stale, 'one');
});
