/** Each reader of what others write, with damaged input, for a moment and always the same: `npm run fuzz` goes on from here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { imageTarget, keptDumps } from '../fuzz/image-target.js';
import { nativeNames, runNative } from '../fuzz/native-targets.js';
import { textTargets } from '../fuzz/text-targets.js';

const runs = 300;
const nativeRuns = 20_000;

for (const { name, run } of [...textTargets, imageTarget(keptDumps())])
  test(`damaged, ${name} is read or refused`, () => {
    const { runs: done, refused, finding } = run({ seed: 1, isOver: (count) => count === runs });
    assert.equal(finding, undefined, inspect(finding));
    assert.equal(done, runs);
    // Else the damage would not be one, or nothing would get in.
    assert.ok(refused < runs);
  });

for (const name of nativeNames)
  test(`damaged, what ${name} reads stays within its bounds`, async () => {
    assert.ok(await runNative(name, { seed: 1, runs: nativeRuns }));
  });
