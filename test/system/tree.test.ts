/** Trees of processes: shells around a server, zombies, helpers in a session of their own, and one that has left the tree. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine, jsonRow } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf, waitForLine } from './journal.js';
import { showUnit, systemctl } from './systemctl.js';

const address = '127.0.0.1:5044';
const unit = 'tree.service';
const program = '/srv/tree/tree.py';
const dropIns = '/etc/grenadine/apps/tree.conf.d';

async function configure(command: string): Promise<void> {
  await mkdir(dropIns, { recursive: true });
  await writeFile(`${dropIns}/test.conf`, `[Application]\nExecStart=\nExecStart=${command}\n`);
  await systemctl('daemon-reload');
}

/** What test/apps/tree/tree.py says. Which PIDs are free at a cold boot, from 3 on, is a matter of chance. */
interface Tree {
  readonly pid: number;
  readonly ppid: number;
  readonly children: readonly {
    readonly pid: number;
    readonly isZombie: boolean;
    readonly session: number;
  }[];
}

async function restoredTree(): Promise<Tree> {
  const { answer, outcome } = await firstConnection('tree', address);
  assert.equal(outcome.how, 'restored');
  return JSON.parse(answer.body) as Tree;
}

/** Answers how the unit ended. */
async function stopped(): Promise<readonly (string | undefined)[]> {
  await stop('tree');
  const { ExecMainCode, ExecMainStatus } = await showUnit(unit);
  return [ExecMainCode, ExecMainStatus];
}

before(() => install('tree', 'tree'));
after(() => uninstall('tree'));

describe('a server with a zombie and a helper in a session of its own', () => {
  before(async () => {
    await configure(`${program} zombie session`);
    await bake('tree');
  });

  test('is restored with both, and again', async () => {
    const first = await restoredTree();
    const [zombie, helper] = first.children;
    assert.deepEqual(first, {
      pid: 2,
      ppid: 1,
      children: [
        { pid: zombie?.pid, isZombie: true, session: 2 },
        { pid: helper?.pid, isZombie: false, session: helper?.pid },
      ],
    });
    assert.deepEqual(await restoredTree(), first);
  });

  test('prints into the journal together with the helper', async () => {
    await restoredTree();
    const cursor = await journalCursor();
    await fetchFrom(address, '/print?word');
    await waitForLine(unit, 'word', cursor);
    await waitForLine(unit, 'helper: word', cursor);
  });

  test('ends at SIGTERM with its own status, and then the helper, with its last words', async () => {
    await restoredTree();
    const cursor = await journalCursor();
    assert.deepEqual(await stopped(), ['1', '7']);
    const said = await linesOf(unit, cursor);
    assert.deepEqual(said.slice(-2), ['the server ends', 'the helper ends']);
  });
});

describe('a shell', () => {
  for (const { how, command, ppid } of [
    { how: 'that becomes the server', command: `exec ${program}`, ppid: 1 },
    { how: 'that waits for the server', command: `${program} & wait`, ppid: 2 },
    { how: 'that goes on after the server', command: `${program}; true`, ppid: 2 },
  ]) {
    test(`${how} is restored with it, and both end at SIGTERM`, async () => {
      await configure(`/bin/sh -c '${command}'`);
      await bake('tree');
      const pids = new Set<number>();
      for (const time of ['first', 'second']) {
        const tree = await restoredTree();
        assert.deepEqual(tree, { pid: tree.pid, ppid, children: [] }, time);
        pids.add(tree.pid);
        const cursor = await journalCursor();
        // The shell dies of the signal, which systemd takes for a good end; the server by itself ends with 7.
        assert.deepEqual(await stopped(), ppid === 1 ? ['1', '7'] : ['2', '15']);
        assert.ok((await linesOf(unit, cursor)).includes('the server ends'));
      }
      assert.equal(pids.size, 1);
    });
  }
});

describe('a helper that has left the tree, as daemons do,', () => {
  test('makes the bake fail and is named, and the application goes on booting cold', async () => {
    await configure(`${program} daemon`);
    const { status, stderr } = await grenadine('bake', 'tree');
    assert.equal(status, 6);
    assert.match(stderr, /stray-process.*process 5 \(tree\.py\) has left the tree.*foreground/s);
    assert.match(String((await jsonRow('why', 'tree'))['problem']), /stray-process/);
    assert.equal((await firstConnection('tree', address)).outcome.how, 'cold');
  });

  test('is part of the snapshot below a program that adopts it', async () => {
    await configure(`${program} daemon-kept`);
    await bake('tree');
    for (const time of ['first', 'second']) {
      await restoredTree();
      const cursor = await journalCursor();
      await fetchFrom(address, '/print?word');
      await waitForLine(unit, 'helper: word', cursor);
      assert.deepEqual(await stopped(), ['1', '7'], time);
      assert.equal((await linesOf(unit, cursor)).at(-1), 'the helper ends');
    }
  });
});
