/** Launcher and criu, killed at every step of a bake and of a switch: what serves goes on, and nothing is left over. */
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, uninstall } from './application.js';
import { currentOf, mustBeConsistent, snapshotsOf } from './faults/store-state.js';
import { draftHolds, hasProcess, killIn } from './faults/victims.js';
import { bake, grenadine, jsonRow, snapshotIdIn } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, waitForLine } from './journal.js';
import { mainPid } from './systemctl.js';
import { runCommand, startProgram, type CommandResult } from './run-command.js';

const address = '127.0.0.1:4000';
const unit = 'node.service';
const activator = 'grenadine-activator.service';
const bakeUnit = 'node-bake.service';
const launcher = 'grenadine-launc';

interface Point {
  readonly step: string;
  /** As `grenadine bake` names it; the victim is killed in it. */
  readonly phase: string;
  readonly victim: string;
  readonly isTime?: () => boolean;
}

const points: readonly Point[] = [
  { step: 'boots', phase: 'booting', victim: launcher },
  { step: 'is warmed up', phase: 'warming', victim: launcher },
  { step: 'is dumped', phase: 'dumping', victim: launcher },
  { step: 'is dumped, at its beginning', phase: 'dumping', victim: 'criu' },
  {
    step: 'is dumped, amid its files',
    phase: 'dumping',
    victim: 'criu',
    isTime: () => draftHolds('node', 'fdinfo-'),
  },
  {
    step: 'is dumped, amid its memory',
    phase: 'dumping',
    victim: 'criu',
    isTime: () => draftHolds('node', 'pages-'),
  },
];

/** A proof that fails with mapped memory is made anew, with copied memory, whyever it failed. */
const proofs: readonly Point[] = [
  { step: 'is proved', phase: 'proving', victim: launcher },
  { step: 'is proved', phase: 'proving', victim: 'criu' },
];

function nameOf({ victim }: Point): string {
  return victim === launcher ? 'launcher' : victim;
}

/** Starts a bake, and kills the victim in its phase; answers how it ended and what it said. */
async function bakeAndKill({ phase, victim, isTime }: Point): Promise<CommandResult> {
  const baking = startProgram(['sh', '-c', 'exec grenadine bake node 2>&1']);
  const said: string[] = [];
  let killed: Promise<number> | undefined;
  for await (const line of createInterface({ input: baking.stdout })) {
    said.push(line);
    if (killed === undefined && line.startsWith(phase)) killed = killIn(bakeUnit, victim, isTime);
  }
  const status = await baking.ended;
  assert.ok(killed !== undefined, `no phase ${phase}: ${said.join(', ')}`);
  await killed;
  return { status, stdout: said.join('\n'), stderr: '' };
}

describe('a bake', () => {
  before(async () => {
    await install('node', 'node');
    await bake('node');
  });
  after(() => uninstall('node'));

  for (const point of points) {
    test(`whose ${nameOf(point)} is killed while the application ${point.step} fails, says so, and leaves nothing`, async () => {
      const old = await currentOf('node');
      const snapshots = await snapshotsOf('node');
      const { status, stdout: said } = await bakeAndKill(point);
      assert.equal(status, 6, said);
      assert.match(said, /^grenadine: No snapshot of node was made \([a-z-]+\): \S/m);
      assert.match(String((await jsonRow('status', 'node'))['problem']), /^the last bake failed/, said);
      assert.deepEqual([await currentOf('node'), await snapshotsOf('node')], [old, snapshots]);
      await mustBeConsistent('node');
    });
  }

  for (const point of proofs) {
    test(`whose ${nameOf(point)} is killed while it ${point.step} proves it once more, and leaves nothing`, async () => {
      const cursor = await journalCursor();
      const { status, stdout: said } = await bakeAndKill(point);
      assert.equal(status, 0, said);
      await waitForLine(activator, /^node: a snapshot was proved with copied memory, for it failed/, cursor);
      assert.equal(await currentOf('node'), snapshotIdIn(said));
      await mustBeConsistent('node');
    });
  }

  test('works again afterwards, and what it made is restored', async () => {
    const id = await bake('node');
    assert.equal((await firstConnection('node', address)).outcome.snapshot, id);
  });
});

describe('a switch', () => {
  before(async () => {
    await install('node', 'node');
    await bake('node');
    await firstConnection('node', address);
    await bake('node');
  });
  after(() => uninstall('node'));

  test('whose criu is killed comes from the next rung, or not at all, and every client is answered', async () => {
    const switching = runCommand(['systemctl', 'reload', unit], 60_000);
    await killIn(unit, 'criu');
    assert.equal((await fetchFrom(address, '/')).status, 200);
    await switching;
    assert.equal((await fetchFrom(address, '/')).status, 200);
    await grenadine('prune');
    await mustBeConsistent('node');
  });

  test('whose launcher is killed is a crash: systemd starts the service again, and the client waits', async () => {
    await bake('node');
    await firstConnection('node', address);
    const before = await mainPid(unit);
    const cursor = await journalCursor();
    const switching = runCommand(['systemctl', 'reload', unit], 60_000);
    await killIn(unit, launcher, () => hasProcess(unit, 'criu'));
    await switching;
    assert.equal((await fetchFrom(address, '/')).status, 200);
    assert.notEqual(await mainPid(unit), before);
    await waitForLine(unit, /Restored from snapshot|restored/i, cursor);
    await mustBeConsistent('node');
  });
});
