/** What an application holds lies where its user may put a link in its place: a restore must not open more for it than that user could. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { configure, deploy, firstConnection, install, uninstall } from './application.js';
import { bake, grenadine } from './grenadine.js';
import { mustRun } from './run-command.js';

const address = '127.0.0.1:5048';
const folder = '/srv/paths';
/** Only root may enter; what is in it is closed to nobody else. */
const secret = '/root/secret';

/** `kinds` are words of test/apps/paths/paths.py. */
async function hold(kinds: string, user = 'paths'): Promise<void> {
  await configure('paths', `[Application]\nUser=${user}\nExecStart=\nExecStart=${folder}/paths.py ${kinds}`);
}

/** What the program sees of each kind. */
async function connect(): Promise<{
  readonly seen: Readonly<Record<string, unknown>>;
  readonly how: string;
  readonly failed: readonly (readonly [code: string, text: string])[];
}> {
  const { answer, outcome } = await firstConnection('paths', address);
  const seen: unknown = JSON.parse(answer.body);
  assert(typeof seen === 'object' && seen !== null);
  return {
    seen: { ...seen },
    how: outcome.how,
    failed: outcome.failed.map(({ code, text }) => [code, text]),
  };
}

/** As the application's own user. */
async function asUser(script: string): Promise<void> {
  await mustRun(['runuser', '-u', 'paths', '--', 'bash', '-c', script]);
}

/** Of the size and the age of what it is to stand for, so that nobody finds it changed. */
async function writeSecret(kind: string): Promise<void> {
  await writeFile(`${secret}/file`, 'root');
  await chmod(`${secret}/file`, 0o644);
  const { atime, mtime } = await stat(`${folder}/${kind}/file`).catch(() => stat(folder));
  await utimes(`${secret}/file`, atime, mtime);
}

before(async () => {
  await install('paths', 'paths');
  await mkdir(secret, { recursive: true });
  await chmod('/root', 0o700);
});
beforeEach(() => deploy('paths'));
after(async () => {
  await uninstall('paths');
  await rm(secret, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

test('what nobody replaced is held as before: positions, flags, mappings, what was deleted', async () => {
  await hold('log read twice shared private ghost here');
  const cold = await connect();
  await bake('paths');
  const log = await readFile(`${folder}/log/file`, 'utf8');
  for (const round of [1, 2]) {
    const { seen, how, failed } = await connect();
    assert.deepEqual([how, failed], ['restored', []]);
    assert.deepEqual(seen, cold.seen);
    assert.equal(await readFile(`${folder}/log/file`, 'utf8'), log + '+'.repeat(round));
  }
});

describe('a link in the place of', () => {
  for (const { what, kind } of [
    { what: 'a log', kind: 'log' },
    { what: 'a file that is open for reading', kind: 'read' },
    { what: 'a file that is open twice, in two ways', kind: 'twice' },
    { what: 'a file that is mapped shared', kind: 'shared' },
    { what: 'a file that is mapped private', kind: 'private' },
  ]) {
    for (const { swap, script } of [
      { swap: 'the file', script: `cd ${folder}/NAME; mv file old; ln -s ${secret}/file file` },
      {
        swap: 'its directory',
        script: `cd ${folder}; mv NAME/file NAME/old; rmdir NAME || mv NAME NAME.old; ln -s ${secret} NAME`,
      },
    ]) {
      const name = kind === 'twice' ? 'read' : kind;
      test(`${what} opens nothing of root's: ${swap}`, async () => {
        await mustRun(['chown', 'paths:', folder]);
        await hold(kind);
        await bake('paths');
        await writeSecret(name);
        await asUser(script.replaceAll('NAME', name));
        const { seen, how, failed } = await connect();
        assert.equal(await readFile(`${secret}/file`, 'utf8'), 'root');
        assert.deepEqual(seen, { [kind]: 'denied' });
        assert.equal(how, 'cold');
        assert.equal(failed[0]?.[0], 'file-refused');
        assert.ok(failed[0][1].includes(`${folder}/${name}/file`));
      });
    }
  }

  test('the working directory does not lead where the user may not go', async () => {
    await mustRun(['chown', 'paths:', folder]);
    await hold('here');
    await bake('paths');
    await writeSecret('here');
    await asUser(`cd ${folder}; mv here old; ln -s ${secret} here`);
    const { seen, how, failed } = await connect();
    assert.deepEqual([seen, how, failed[0]?.[0]], [{ here: 'denied' }, 'cold', 'file-refused']);
  });

  test('the directory of a deleted file makes nothing where it leads', async () => {
    await mustRun(['chown', 'paths:', folder]);
    await hold('ghost');
    await bake('paths');
    const { mtimeNs } = await stat(secret, { bigint: true });
    await asUser(`cd ${folder}; mv ghost old; ln -s ${secret} ghost`);
    const { seen, how } = await connect();
    assert.deepEqual([seen, how], [{ ghost: 'gone' }, 'restored']);
    assert.equal((await stat(secret, { bigint: true })).mtimeNs, mtimeNs);
  });
});

test('a named socket in a directory of the user is not baked', async () => {
  await hold('socket');
  const { status, stderr } = await grenadine('bake', 'paths');
  assert.notEqual(status, 0);
  assert.match(stderr, /socket-exposed.*\/srv\/paths\/socket\/file/s);
});

test('a log that root opened, in a directory of the user that it became, is not baked', async () => {
  await hold('roots', 'root');
  const { status, stderr } = await grenadine('bake', 'paths');
  assert.notEqual(status, 0);
  assert.match(stderr, /\/srv\/paths\/log\/roots: Permission denied/);
});
