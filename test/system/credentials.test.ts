/** Whom the application runs as, and in what surroundings: the same after a restore as after a cold boot. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, uninstall } from './application.js';
import { readCounter, type CounterState } from './counter.js';
import { bake } from './grenadine.js';
import { onlyChild, viewProcess } from './process-tree.js';
import { mustRun } from './run-command.js';
import { mainPid } from './systemctl.js';

const address = '127.0.0.1:4000';

async function id(...words: readonly string[]): Promise<readonly number[]> {
  const text = await mustRun(['id', ...words]);
  return text
    .trim()
    .split(' ')
    .map(Number)
    .sort((a, b) => a - b);
}

describe('User= other than root', () => {
  const seen = new Map<string, CounterState>();

  before(async () => {
    await install('node', 'node');
    seen.set('cold', readCounter((await firstConnection('node', address)).answer.body));
    await bake('node');
    seen.set('restored', readCounter((await firstConnection('node', address)).answer.body));
  });
  after(() => uninstall('node'));

  for (const how of ['cold', 'restored'] as const) {
    test(`gives uid, gid and groups of that user (${how})`, async () => {
      const [uid] = await id('-u', 'counter');
      const [gid] = await id('-g', 'counter');
      const groups = [...(seen.get(how)?.groups ?? [])].sort((a, b) => a - b);
      assert.equal(seen.get(how)?.uid, uid);
      assert.equal(seen.get(how)?.gid, gid);
      assert.deepEqual(groups, await id('-G', 'counter'));
    });

    test(`gives its home, name and the environment of the .conf (${how})`, () => {
      const { HOME, USER, LOGNAME, GREETING } = seen.get(how)?.environment ?? {};
      assert.deepEqual(
        { HOME, USER, LOGNAME, GREETING },
        { HOME: '/home/counter', USER: 'counter', LOGNAME: 'counter', GREETING: 'hello' },
      );
      assert.equal(seen.get(how)?.cwd, '/home/counter');
    });

    test(`passes on nothing of the unit's that would be wrong later (${how})`, () => {
      const names = Object.keys(seen.get(how)?.environment ?? {});
      const wrong = ['NOTIFY_SOCKET', 'INVOCATION_ID', 'JOURNAL_STREAM', 'SYSTEMD_EXEC_PID', 'WATCHDOG_USEC'];
      assert.deepEqual(
        wrong.filter((name) => names.includes(name)),
        [],
      );
    });
  }

  test('holds in the kernel, for real, effective, saved and file system ids', async () => {
    const application = await viewProcess(await onlyChild(await onlyChild(await mainPid('node.service'))));
    const [uid] = await id('-u', 'counter');
    const [gid] = await id('-g', 'counter');
    assert.deepEqual(application.uids, [uid, uid, uid, uid]);
    assert.deepEqual(application.gids, [gid, gid, gid, gid]);
    assert.deepEqual(
      [...application.groups].sort((a, b) => a - b),
      await id('-G', 'counter'),
    );
  });
});
