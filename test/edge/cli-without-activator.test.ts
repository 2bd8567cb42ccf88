// What the command shows of applications without the activator, from files that are there, torn, hostile or missing.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Reader } from '../../activator/cli/client.js';
import { list, status, why } from '../../activator/cli/show.js';
import { parseShown } from '../../activator/cli/units.js';
import { readWithout } from '../../activator/cli/without-activator.js';

let root: string;
let reader: Reader;
const states = new Map([
  ['web.service', 'LoadState=loaded\nActiveState=active\nMainPID=70\n'],
  ['fresh.service', 'LoadState=loaded\nActiveState=inactive\n'],
]);

async function said(command: (terminal: Parameters<typeof list>[3]) => Promise<void>): Promise<string> {
  let text = '';
  const out = (part: string): void => {
    text += part;
  };
  await command({ out, err: out, isColoured: false, isErrTerminal: false, nowMs: 0 });
  return text;
}

const leave = (name: string, ...lines: readonly string[]) =>
  writeFile(join(root, 'run/outcome', name), lines.map((line) => `${line}\n`).join(''));

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'grenadine-without-'));
  await mkdir(join(root, 'etc/grenadine/apps'), { recursive: true });
  await mkdir(join(root, 'run/outcome'), { recursive: true });
  for (const name of ['web', 'fresh'])
    await writeFile(
      join(root, `etc/grenadine/apps/${name}.conf`),
      `[Application]\nDescription=The ${name}\nExecStart=/bin/true\nListenStream=127.0.0.1:80\n`,
    );
  await leave('web', 'how=restored', 'snapshot=aaaaaaaaaaaa', 'answer=plan', 'start-us=5', 'ready-us=41000');
  await leave('gone', 'how=restored', 'snapshot=bbbbbbbbbbbb');
  await leave('hostile', 'how=cold', 'reason=no-snapshot\u001b[2J', 'detail=\u009b31m');
  await leave('web.next', 'how=cold');
  const show = (units: readonly string[]) =>
    Promise.resolve(
      units.map((unit) => {
        const [state] = parseShown(states.get(unit) ?? 'LoadState=not-found\nActiveState=inactive\n');
        assert.ok(state);
        return state;
      }),
    );
  reader = readWithout({ root, runDirectory: join(root, 'run'), show });
});
after(() => rm(root, { recursive: true }));

test('status is what systemd, the configuration and the last start say, and no word of snapshots', async () => {
  assert.equal(
    await said((terminal) => status(reader, 'web', false, terminal)),
    [
      'web - The web',
      '      State: active (main PID 70)',
      '    Came up: restored from snapshot aaaaaaaaaaaa in 41 ms',
      '    Timings: ready 41.0 ms',
      '     Config: /etc/grenadine/apps/web.conf',
      '',
    ].join('\n'),
  );
});

test('why explains the last start, and that the activator was not there', async () => {
  const text = await said((terminal) => why(reader, 'web', false, terminal));
  assert.match(text, /^web: restored from snapshot aaaaaaaaaaaa in 41 ms\n/);
  assert.match(text, /Because: .*The launcher chose by itself/);
});

test('an application that was not started is one all the same', async () => {
  assert.match(await said((terminal) => why(reader, 'fresh', false, terminal)), /^fresh: not started since/);
});

test('all are those that are configured, and those whose unit is still there', async () => {
  const rows = await reader.rows('List', []);
  assert.deepEqual(
    rows.map(({ name, state, how }) => [name, state, how]),
    [
      ['fresh', 'inactive', ''],
      ['web', 'active', 'restored'],
    ],
  );
  const table = await said((terminal) => list(reader, undefined, false, terminal));
  assert.match(table, /^web +active +restored +- +- +- +-$/m);
});

test('where systemd cannot be asked, the state is unknown', async () => {
  const places = { root, runDirectory: join(root, 'run'), show: () => Promise.resolve([]) };
  const row = await readWithout(places).row('Status', ['web']);
  assert.deepEqual([row['state'], row['main-pid'], row['how']], ['unknown', 0, 'restored']);
});

test('what is neither configured nor started is unknown, and no name leads elsewhere', async () => {
  await leave('../secret', 'how=cold');
  for (const name of ['nothing', '../secret', ''])
    await assert.rejects(reader.row('Why', [name]), { code: 'nothing-known' });
});

test('what an outcome holds is shown, never sent to the terminal', async () => {
  for (const json of [false, true]) {
    const text = await said((terminal) => why(reader, 'hostile', json, terminal));
    assert.match(text, /^[^\p{Cc}]*$/mu);
    assert.ok(text.includes('no-snapshot'));
  }
});
