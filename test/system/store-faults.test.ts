/**
 * The store when the activator is killed right before a call that changes a file, and when such a call fails: at the
 * points of the table, or at each call there is (GRENADINE_LONG=1).
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import {
  activator,
  callsOf,
  isOurs,
  tamper,
  useOneThread,
  useThreadsAgain,
  type FileCall,
} from './faults/file-calls.js';
import { currentOf, hasReason, mustBeConsistent, pinOf, snapshotsOf } from './faults/store-state.js';
import { bake, grenadine } from './grenadine.js';
import { journalCursor, linesOf } from './journal.js';
import { flipByte } from './store.js';
import { mainPid, systemctl, waitUntilReplaced } from './systemctl.js';

const name = 'memory';
const address = '127.0.0.1:5000';
const isLong = process.env['GRENADINE_LONG'] !== undefined;

/** A bake publishes, and removes what Keep= does not keep: all the steps there are. The first call that matches counts. */
const points: readonly (readonly [step: string, call: RegExp])[] = [
  ['the folder of a draft is made', /^mkdir .*\/tmp\/bake-\w+"/],
  ['an edited image takes the place of the dumped one', /^rename .*\/criu\/files\.img\.new/],
  ['the plan of a proof is in place', /^rename .*\/plan\.new/],
  ['the manifest is in place', /^rename .*\/manifest\.json\.new/],
  ['the draft gets its name', /^rename .*\/tmp\/bake-\w+", .*\/snapshots\//],
  ['the new link is made', /^symlink .*\/current\.new/],
  ['current is flipped', /^rename .*\/current\.new/],
  ['the oldest is moved out of sight', /^rename .*\/tmp\/leaving-/],
  ['its first file is unlinked', /^unlink .*\/tmp\/leaving-/],
  ['its folder is removed', /^rmdir .*\/tmp\/leaving-\w+"/],
];

const synced = ['an image is synced', /^fsync .*\/tmp\/bake-\w+\/criu\/\w/] as const;
const removed = ['an image of copied memory is removed', /^unlink .*\/copied\/files\.img"/] as const;
/** Where room can be wanting, and where a disk fails. */
const failing = {
  ENOSPC: [...points.slice(0, 8), synced],
  EIO: [...points.slice(4, 8), synced, removed],
} as const;

/** What is called when one is set aside: its reason, `current`, the one that was kept until now, its new place. */
const asideSteps = [
  /^rename .*\/why\.new/,
  /^unlink .*\/current"/,
  /^rmdir .*\/quarantine\//,
  /^rename .*\/quarantine\//,
];

let calls: readonly FileCall[] = [];

function chosen(table: readonly (readonly [string, RegExp])[]): readonly (readonly [string, FileCall])[] {
  if (isLong) return calls.map((call, index) => [`call ${index + 1}, ${call.name} ${call.ordinal}`, call]);
  return table.map(([step, pattern]) => {
    const found = calls.find((call) => pattern.test(`${call.name} ${call.text}`));
    assert.ok(found !== undefined, `nothing is called when ${step}`);
    return [step, found];
  });
}

/** Two are kept, so that each bake removes one. */
async function settle(): Promise<void> {
  await grenadine('prune');
  while ((await snapshotsOf(name)).length < 2) await bake(name);
}

async function serves(how: string): Promise<void> {
  const { answer, outcome } = await firstConnection(name, address, '/whole');
  assert.deepEqual([answer.status, outcome.how], [200, how]);
}

/** Answers the PID that it had. A table that no longer fits the product must not pass unnoticed. */
async function mustDieAt(call: FileCall, act: () => Promise<unknown>): Promise<number> {
  const pid = await mainPid(activator);
  const last = (await tamper(call, 'killed', act)).at(-1);
  assert.deepEqual([last?.name, last?.ordinal], [call.name, call.ordinal], 'another call was hit');
  return pid;
}

describe('the store', () => {
  before(async () => {
    await install(name, name);
    await configure(name, '[Release]\nKeep=2');
    await useOneThread();
    await settle();
    calls = (await callsOf(() => bake(name))).filter(isOurs);
  });
  after(async () => {
    await useThreadsAgain();
    await uninstall(name);
  });

  test('outlives an activator that is killed right before a call that changes a file', async (context) => {
    for (const [step, call] of chosen(points)) {
      await context.test(step, async () => {
        await settle();
        const old = await currentOf(name);
        const before = await snapshotsOf(name);
        const pid = await mustDieAt(call, () => grenadine('bake', name));
        const current = await currentOf(name);
        await waitUntilReplaced(activator, pid);
        await mustBeConsistent(name);
        assert.equal(await currentOf(name), current);
        assert.ok(
          current === old || (current !== undefined && !before.includes(current)),
          'neither old nor new',
        );
      });
    }
    await serves('restored');
  });

  test('outlives an activator that is killed while a snapshot is chosen', async (context) => {
    await settle();
    const choose = () => grenadine('restore', name, '2');
    const unpin = async (): Promise<void> => {
      await grenadine('restore', name, '--latest');
      await stop(name);
    };
    const steps = (await callsOf(choose)).filter(({ text }) => text.includes('/pin'));
    assert.ok(steps.length >= 2);
    const second = await pinOf(name);
    assert.ok(second !== undefined);
    for (const call of steps) {
      await context.test(`${call.name} ${call.text.slice(0, 80)}`, async () => {
        await unpin();
        const pid = await mustDieAt(call, choose);
        const pin = await pinOf(name);
        await waitUntilReplaced(activator, pid);
        await mustBeConsistent(name);
        assert.equal(await pinOf(name), pin);
        assert.ok(pin === undefined || pin === second);
        await serves('restored');
      });
    }
    await unpin();
  });

  test('outlives an activator that is killed while a damaged snapshot is set aside', async (context) => {
    const verify = () => grenadine('verify', name);
    const damage = async (): Promise<string> => {
      const id = await bake(name);
      await flipByte(name);
      return id;
    };
    // Twice, so that one is there already that was set aside before.
    await damage();
    await verify();
    await damage();
    const all = (await callsOf(verify)).filter(isOurs);
    const steps = asideSteps.map((pattern) => all.find((call) => pattern.test(`${call.name} ${call.text}`)));
    for (const call of isLong ? all : steps) {
      assert.ok(call !== undefined);
      await context.test(`${call.name} ${call.text.slice(0, 80)}`, async () => {
        const id = await damage();
        const pid = await mustDieAt(call, verify);
        const isDecided = await hasReason(name, id);
        await waitUntilReplaced(activator, pid);
        assert.equal((await snapshotsOf(name)).includes(id), !isDecided);
        if (!isDecided) assert.equal((await verify()).status, 1);
        await mustBeConsistent(name);
        assert.notEqual(await currentOf(name), id);
        await serves('restored');
      });
    }
  });

  for (const error of ['ENOSPC', 'EIO'] as const) {
    test(`outlives ${error} of a call that changes a file`, async (context) => {
      for (const [step, call] of chosen(failing[error])) {
        await context.test(step, async () => {
          await settle();
          const old = await currentOf(name);
          const cursor = await journalCursor();
          let said = '';
          let status = 0;
          await tamper(call, error, async () => {
            const result = await grenadine('bake', name);
            said = result.stderr;
            status = result.status;
          });
          const lines = (await linesOf(activator, cursor)).join('\n');
          assert.match(status === 0 ? lines : said, new RegExp(error), `nobody was told: ${lines}`);
          if (status !== 0) assert.equal(await currentOf(name), old);
          const id = await bake(name);
          assert.equal(await currentOf(name), id);
          // What could not be unlinked goes at the next start.
          if (isLong) await systemctl('restart', activator);
          await mustBeConsistent(name);
        });
      }
      await serves('restored');
    });
  }
});
