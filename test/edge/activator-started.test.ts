// What the activator writes down of a start, and reads after it was started anew itself.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readReport, type Outcome } from '../../activator/restore/outcome.js';
import { recallStarted, rememberStarted } from '../../activator/restore/started.js';

const release = { id: 'r1', path: '/srv/web/current', target: '/srv/web/releases/r1' };
let run: string;

function coldBootAt(realtimeUs: number): Outcome {
  const report = readReport([
    ['how', 'cold'],
    ['realtime-us', String(realtimeUs)],
  ]);
  assert.ok(report?.how === 'cold');
  return report;
}

before(async () => {
  run = await mkdtemp(join(tmpdir(), 'grenadine-started-'));
});
after(() => rm(run, { recursive: true }));

test('the release of a start is known afterwards, that of another start is not', async () => {
  await rememberStarted('web', coldBootAt(7), release, run);
  assert.deepEqual(await recallStarted('web', coldBootAt(7), run), release);
  assert.equal(await recallStarted('web', coldBootAt(8), run), undefined);
  assert.equal(await recallStarted('shop', coldBootAt(7), run), undefined);
});

test('a release without a path is known, too', async () => {
  const nowhere = { id: '-', path: undefined, target: undefined };
  await rememberStarted('bare', coldBootAt(7), nowhere, run);
  assert.deepEqual(await recallStarted('bare', coldBootAt(7), run), nowhere);
});

for (const text of ['', '{', 'null', '7', '{"realtimeUs":7}', '{"realtimeUs":7,"release":{"id":7}}'])
  test(`'${text}' says nothing`, async () => {
    await mkdir(join(run, 'started'), { recursive: true });
    await writeFile(join(run, 'started/torn'), text);
    assert.equal(await recallStarted('torn', coldBootAt(7), run), undefined);
  });
