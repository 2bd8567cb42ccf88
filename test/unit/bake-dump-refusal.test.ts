// What becomes of CRIU's errors of a dump: the texts are those of CRIU 4.2.1, as the launcher passes them on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainDump } from '../../activator/bake/dump-refusal.js';
import { GrenadineError } from '../../generator/config/error.js';

const echoes =
  '; Error (criu/cr-dump.c:1545): Dump files (pid: 2) failed with -1; Error (criu/cr-dump.c:1975): Dumping FAILED.';

function explained(said: string): { readonly code: string; readonly message: string } {
  const error = explainDump(new GrenadineError('dump-failed', said + echoes));
  assert.ok(error instanceof GrenadineError);
  return error;
}

test('a deleted file that is too large is named, with the key that says how large it may be', () => {
  const { code, message } = explained(
    "Error (criu/files-reg.c:1031): Can't dump ghost file /srv/a b of 70000640 size, increase limit",
  );
  assert.equal(code, 'ghost-too-large');
  assert.match(message, /^\/srv\/a b was deleted.* 70000640 bytes.*GhostLimit=/);
});

test('a deleted file that has another name is named', () => {
  const { code, message } = explained(
    "Error (criu/files-reg.c:1122): Can't create link remap for /dev/shm/sem.ohQwX4. Use link-remap option.",
  );
  assert.equal(code, 'linked-elsewhere');
  assert.match(message, /^\/dev\/shm\/sem\.ohQwX4 /);
});

test('a watch that cannot be dumped is told from other failures', () => {
  assert.equal(
    explained("Error (criu/fsnotify.c:284): fsnotify: \tCan't dump that handle").code,
    'watch-unknown',
  );
});

test('a tree of several users is told what it needs', () => {
  const { code, message } = explained(
    "Error (criu/cr-dump.c:389): Can't get rlimit 0: Operation not permitted",
  );
  assert.equal(code, 'several-users');
  assert.match(message, /CAP_SYS_RESOURCE/);
});

test('what is not known stays as CRIU says it', () => {
  const error = new GrenadineError('dump-failed', 'Error (criu/x.c:1): something new');
  assert.equal(explainDump(error), error);
  const other = new GrenadineError('launcher-gone', "Can't dump that handle");
  assert.equal(explainDump(other), other);
});
