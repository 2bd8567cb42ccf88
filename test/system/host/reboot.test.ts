/** A snapshot outlives a reboot. Runs on the host, as the bed itself is what reboots. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bakeWhenAsked, deployInBed, inBed } from '../../apps/deploy-in-bed.js';
import { openBed, type Bed } from '../../bed/bed.js';
import { readCounter, type CounterState } from '../counter.js';

let bed: Bed;

async function counter(path = '/'): Promise<CounterState> {
  const body = await inBed(
    bed,
    'curl',
    '--silent',
    '--show-error',
    '--max-time',
    '30',
    `http://127.0.0.1:4000${path}`,
  );
  return readCounter(body);
}

before(async () => {
  bed = await openBed();
  await bakeWhenAsked(bed);
  await deployInBed(bed, 'node');
  await inBed(bed, 'grenadine', 'bake', 'node');
});
after(() => bed.close());

test('the first connection after a reboot is restored, and its timers go on', async () => {
  const before = await counter();
  await bed.reboot();
  const restored = await counter();
  assert.equal(restored.bootId, before.bootId);
  assert.match(await inBed(bed, 'cat', '/run/grenadine/outcome/node'), /^how=restored$/m);
  await inBed(bed, 'curl', '--silent', 'http://127.0.0.1:4000/slow?ms=300');
  assert.ok((await counter()).ticks > restored.ticks);
});
