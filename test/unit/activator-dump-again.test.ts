// A dump is asked for again while it is refused for a process that may be about to end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dumpAgain } from '../../activator/bake/dump-again.js';
import { GrenadineError } from '../../generator/config/error.js';

/** Fails with each of the codes in turn, and answers then; how often it was asked. */
function failing(...codes: readonly string[]): { readonly dump: () => Promise<string>; asked: number } {
  const said = {
    asked: 0,
    dump: (): Promise<string> => {
      const code = codes[said.asked];
      said.asked += 1;
      return code === undefined ? Promise.resolve('dumped') : Promise.reject(new GrenadineError(code, code));
    },
  };
  return said;
}

const atOnce = (): Promise<void> => Promise.resolve();

test('a stray process that is gone a moment later keeps nobody from a dump', async () => {
  const twice = failing('stray-process', 'stray-process');
  assert.equal(await dumpAgain(twice.dump, atOnce), 'dumped');
  assert.equal(twice.asked, 3);
});

test('one that stays does, after six times', async () => {
  const daemon = failing(...Array.from({ length: 20 }, () => 'stray-process'));
  await assert.rejects(dumpAgain(daemon.dump, atOnce), { code: 'stray-process' });
  assert.equal(daemon.asked, 6);
});

test('any other refusal stands', async () => {
  const refused = failing('outside-connection');
  await assert.rejects(dumpAgain(refused.dump, atOnce), { code: 'outside-connection' });
  assert.equal(refused.asked, 1);
});
