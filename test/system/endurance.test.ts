/** Many clients, many applications, many starts. The longest parts are shorter unless GRENADINE_LONG=1. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { firstConnection, install, stop, uninstall } from './application.js';
import { activate, compileStarts } from './endurance/activations.js';
import { restingCounts, settledCounts } from './endurance/host-counts.js';
import { configurationOf, copyApplications, copySnapshot } from './endurance/snapshot-copies.js';
import { bake, grenadine, jsonRow } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { journalCursor, linesOf } from './journal.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { mainPid, systemctl, waitUntilReplaced } from './systemctl.js';

const address = '127.0.0.1:4000';
const activator = 'grenadine-activator.service';
const isLong = process.env['GRENADINE_LONG'] !== undefined;
const clients = 1000;
const applications = 50;
const firstPort = 21_001;
const cycles = isLong ? 200 : 30;
const activations = isLong ? 10_000 : 1000;
const snapshots = 100;
const linesEach = 100;
/** The quickest counts: what else the machine does makes one slow. */
const attempts = 3;

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other);
}

async function residentMib(): Promise<number> {
  const status = await readFile(`/proc/${await mainPid(activator)}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]) / 1024;
}

/** Kills the activator some times, and answers how long it was away, in ms. */
async function timesToServe(): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < attempts) {
    const pid = await mainPid(activator);
    const beganMs = performance.now();
    process.kill(pid, 'SIGKILL');
    await waitUntilReplaced(activator, pid);
    times.push(performance.now() - beganMs);
  }
  return times;
}

describe('many at once', () => {
  let id = '';
  before(async () => {
    await install('node', 'node');
    id = await bake('node');
  });
  after(() => uninstall('node'));

  test(`${clients} clients that connect at once to a sleeping application are all answered, by one restore`, async (context) => {
    await stop('node');
    await forgetOutcome('node');
    const beganMs = performance.now();
    const answers = await Promise.all(
      Array.from({ length: clients }, async () => {
        const { status, body } = await fetchFrom(address, '/');
        return { status, body, tookMs: performance.now() - beganMs };
      }),
    );
    const took = sorted(answers.map(({ tookMs }) => tookMs));
    context.diagnostic(
      `first ${took[0]?.toFixed(0) ?? '-'} ms, median ${took[clients / 2]?.toFixed(0) ?? '-'} ms, last ${took.at(-1)?.toFixed(0) ?? '-'} ms`,
    );
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    const boots = answers.map(({ body }) => /"bootId":"([^"]+)"/.exec(body)?.[1]);
    assert.equal(new Set(boots).size, 1);
    assert.equal((await waitForOutcome('node')).how, 'restored');
  });

  test(`${cycles} starts and stops leave the host as it was, and every line in the journal`, async (context) => {
    await firstConnection('node', address);
    await stop('node');
    const before = await restingCounts();
    const cursor = await journalCursor();
    const beganMs = performance.now();
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const lines = Array.from({ length: linesEach }, (_, index) => `cycle ${cycle} line ${index}`);
      assert.equal(
        (await fetchFrom(address, '/print', { method: 'POST', body: lines.join('\n') })).status,
        200,
      );
      await stop('node');
    }
    context.diagnostic(`${((performance.now() - beganMs) / cycles).toFixed(0)} ms each`);
    assert.deepEqual(await settledCounts(before), before);
    const said = await linesOf('node.service', cursor);
    assert.deepEqual(
      said.filter((line) => line.startsWith('cycle ')),
      Array.from({ length: cycles * linesEach }, (_, index) => {
        return `cycle ${Math.floor(index / linesEach) + 1} line ${index % linesEach}`;
      }),
    );
    assert.equal(said.filter((line) => line === 'stopped').length, cycles);
    assert.equal((await jsonRow('why', 'node'))['restored-from'], id);
  });

  test(`${activations} activations leave the activator as large as it was`, async (context) => {
    await compileStarts();
    const configuration = await configurationOf('node');
    // What it takes to have done it once, and room that V8 took.
    await activate('node', configuration, id, 500);
    const before = await residentMib();
    const beganMs = performance.now();
    await activate('node', configuration, id, activations);
    const after = await residentMib();
    context.diagnostic(
      `${before.toFixed(1)} MiB, then ${after.toFixed(1)} MiB; ${((performance.now() - beganMs) / activations).toFixed(1)} ms each`,
    );
    assert.ok(after - before < 24, `it grew from ${before} to ${after} MiB`);
  });

  test(`an activator that is killed serves again, with ${snapshots} snapshots in the store`, async (context) => {
    const few = await timesToServe();
    const configuration = await configurationOf('node');
    for (let byUs = 1; byUs < snapshots; byUs += 1)
      await copySnapshot({ name: 'node', id }, { name: 'node', configuration, byUs });
    await systemctl('restart', activator);
    const cursor = await journalCursor();
    const many = await timesToServe();
    const inMs = (times: readonly number[]): string => times.map((ms) => `${ms.toFixed(0)} ms`).join(', ');
    context.diagnostic(`with one snapshot ${inMs(few)}; with ${snapshots} ${inMs(many)}`);
    const row = await jsonRow('status', 'node');
    assert.deepEqual([row['snapshots'], row['snapshot']], [snapshots, id]);
    assert.deepEqual(
      (await linesOf(activator, cursor)).filter((line) => /damaged|Removed/.test(line)),
      [],
    );
    assert.equal((await grenadine('prune')).status, 0);
  });
});

describe('many applications', () => {
  let names: readonly string[] = [];
  before(async () => {
    await install('memory', 'memory');
    names = await copyApplications({ name: 'memory', id: await bake('memory') }, applications, firstPort);
  });
  after(() => uninstall('memory', ...names));

  test(`${applications} that sleep and are woken in the same moment are all restored`, async (context) => {
    const cursor = await journalCursor();
    const beganMs = performance.now();
    const took = await Promise.all(
      names.map(async (_name, index) => {
        assert.equal((await fetchFrom(`127.0.0.1:${firstPort + index}`, '/whole')).status, 200);
        return performance.now() - beganMs;
      }),
    );
    const [first, middle, last] = [0, applications / 2, applications - 1].map((at) =>
      sorted(took)[at]?.toFixed(0),
    );
    context.diagnostic(`first ${first ?? '-'} ms, median ${middle ?? '-'} ms, last ${last ?? '-'} ms`);
    const outcomes = await Promise.all(names.map((name) => waitForOutcome(name)));
    const cold = outcomes.filter(({ how }) => how !== 'restored');
    for (const { reason, detail } of cold) context.diagnostic(`cold: ${reason ?? ''}: ${detail}`);
    if (cold.length > 0) context.diagnostic((await linesOf(activator, cursor)).join('\n'));
    assert.deepEqual(cold, []);
  });
});
