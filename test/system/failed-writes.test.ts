/**
 * The store on a file system that is full at each block and at each inode which an act takes: the activator's own code in
 * a process of its own, on a tmpfs(5) of just that size. And on a disk that fails one write of a bake. GRENADINE_LONG=1
 * tries each size and each write there is, else those at which the last files are written and some of the others.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openStore } from '../../activator/store/store.js';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import { compileFailingWrites, failingWrites, failWrite } from './faults/failing-writes.js';
import { activator, useOneThread, useThreadsAgain } from './faults/file-calls.js';
import { currentOf, mustBeConsistent } from './faults/store-state.js';
import { mustBeWhole, storeActs } from './faults/whole-store.js';
import { bake, grenadine } from './grenadine.js';
import { journalCursor, linesOf } from './journal.js';
import { mustRun, runCommand } from './run-command.js';

const isLong = process.env['GRENADINE_LONG'] !== undefined;
const blockBytes = 4096;
const enough = { blocks: 10_000, inodes: 10_000 } as const;

interface Room {
  readonly blocks: number;
  readonly inodes: number;
}

describe('a file system without room', () => {
  let root = '';
  let ids: readonly string[] = [];
  const prepared = (): string => join(root, 'prepared');
  const small = (): string => join(root, 'small');

  before(async () => {
    root = await mkdtemp('/run/failed-writes-');
    await mkdir(join(prepared(), 'var/lib'), { recursive: true });
    await mkdir(small());
    await mustRun(['env', process.execPath, storeActs, prepared(), 'prepare']);
    ids = (await openStore(prepared()).list('web')).map(({ id }) => id).reverse();
  });
  after(() => rm(root, { recursive: true }));

  /** What is taken of a file system that has `room`, after `act` with what was prepared, and what `act` ended with. */
  async function within(room: Room, act: string): Promise<Room & { readonly status: number }> {
    const options = `size=${room.blocks * blockBytes},nr_inodes=${room.inodes},mode=0700`;
    await mustRun(['mount', '-t', 'tmpfs', '-o', options, 'small', small()]);
    try {
      await mustRun(['cp', '-a', `${prepared()}/.`, small()]);
      const { status } = await runCommand([process.execPath, storeActs, small(), act]);
      const { blocks, bfree, files, ffree } = await statfs(small());
      if (act !== 'nothing') await mustBeWhole(small(), act, ids);
      return { status, blocks: blocks - bfree, inodes: files - ffree };
    } finally {
      await mustRun(['umount', small()]);
    }
  }

  /** Each size at which an act that takes `most` may want for room, those first at which least is wanting. */
  function sizes(least: number, most: number): readonly number[] {
    const all = Array.from({ length: most - least }, (_, index) => most - 1 - index);
    return all.filter((_, index) => isLong || index < 4 || index % 16 === 0);
  }

  for (const [act, rule] of [
    ['publish', 'fails a publication, which leaves the store what it was'],
    ['choose', 'fails a choice, which leaves the store what it was'],
    ['quarantine', 'does not keep a snapshot in service that is to be set aside'],
  ] as const)
    test(rule, async (context) => {
      const at = await within(enough, 'nothing');
      const then = await within(enough, act);
      assert.equal(then.status, 0);
      const tried = { blocks: 0, inodes: 0 };
      for (const kind of ['blocks', 'inodes'] as const)
        for (const size of sizes(at[kind], then[kind])) {
          const { status } = await within({ ...enough, [kind]: size }, act);
          assert.equal(status === 0, act === 'quarantine', `with ${size} ${kind} it ended with ${status}`);
          tried[kind]++;
        }
      context.diagnostic(`${tried.blocks} times without a block, ${tried.inodes} times without an inode`);
      assert.ok(tried.blocks + tried.inodes > 0);
    });
});

describe('a disk that fails a write', () => {
  const name = 'memory';
  let paths: readonly string[] = [];
  /** A bake at rest, in which the write of that number fails. */
  const failBake = async (ordinal: number): Promise<{ readonly status: number; readonly stderr: string }> => {
    let ended = { status: -1, stderr: '' };
    paths = await failWrite(ordinal, async () => (ended = await grenadine('bake', name)));
    return ended;
  };

  before(async () => {
    await compileFailingWrites();
    await install(name, name);
    await configure(name, '[Release]\nKeep=2');
    await useOneThread(failingWrites);
    for (let count = 0; count < 2; count += 1) await bake(name);
  });
  after(async () => {
    await useThreadsAgain();
    await uninstall(name);
  });

  test('fails a bake, which says so, leaves the store what it was, and serves', async (context) => {
    assert.equal((await failBake(0)).status, 0);
    const all = paths;
    const kinds = all.map((path) => path.replace(/bake-\w+|[0-9a-f]{12}|\d+/g, ''));
    const tried = [...all.keys()].filter((at) => isLong || kinds.indexOf(kinds[at] ?? '') === at);
    context.diagnostic(`${all.length} writes`);
    for (const at of tried) {
      await context.test(`${at + 1}: ${kinds[at] ?? ''}`, async () => {
        const old = await currentOf(name);
        const cursor = await journalCursor();
        const { status, stderr } = await failBake(at + 1);
        assert.equal(paths.length >= at + 1, true, 'nothing was written so often');
        const told = status === 0 ? (await linesOf(activator, cursor)).join('\n') : stderr;
        assert.match(told, /EIO/, 'nobody was told');
        if (status !== 0) assert.equal(await currentOf(name), old);
        await mustBeConsistent(name);
        assert.equal((await firstConnection(name, '127.0.0.1:5000', '/whole')).outcome.how, 'restored');
        await stop(name);
      });
    }
  });
});
