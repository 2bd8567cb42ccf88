// How many starts a snapshot serves, by what was found out about its random generators.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareRestores } from '../../activator/bake/compare-restores.js';
import { chooseReuse, type Restores } from '../../activator/bake/choose-reuse.js';
import { keptGenerators } from '../../activator/bake/kept-generators.js';
import type { Answer } from '../../activator/bake/repeated-tokens.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';

const answers = (...bodies: readonly string[]): readonly Answer[] =>
  bodies.map((body) => ({ request: 'GET /', headers: [], body }));
const restores = (one: readonly Answer[], other: readonly Answer[]): Restores => ({ one, other, nowMs: 0 });
const repeating = restores(answers('4f1d9a0c7b', '90be12ff03'), answers('4f1d9a0c7b', '90be12ff03'));
const differing = restores(answers('4f1d9a0c7b', '90be12ff03'), answers('c0ffee1234', '1234c0ffee'));

describe('with Reuse=auto a snapshot serves', () => {
  test('any number of starts where nothing repeats', () => {
    assert.deepEqual(chooseReuse('auto', [], differing), { kind: 'unlimited', why: '' });
  });

  test('one start where two restores answered the same, and the reason says where, not what', () => {
    const { kind, why } = chooseReuse('auto', [], repeating);
    assert.equal(kind, 'once');
    assert.match(why, /the body of GET \/ \(10 characters\)/);
    assert.doesNotMatch(why, /4f1d9a0c7b/);
  });

  test('one start where a generator is known to repeat, whatever was answered', () => {
    assert.deepEqual(chooseReuse('auto', ['it keeps it'], undefined), { kind: 'once', why: 'it keeps it' });
  });

  test('one start where nothing could be compared', () => {
    for (const few of [answers(), answers('a')])
      assert.equal(chooseReuse('auto', [], restores(few, answers('a', 'b'))).kind, 'once');
    const elsewhere = answers('a', 'b').map((answer) => ({ ...answer, request: 'GET /other' }));
    assert.equal(chooseReuse('auto', [], restores(elsewhere, answers('a', 'b'))).kind, 'once');
  });
});

test('Reuse=once asks for no reason', () => {
  assert.deepEqual(chooseReuse('once', [], undefined), { kind: 'once', why: 'Reuse=once' });
});

test('Reuse=always is followed, and what is known to repeat is not forgotten', () => {
  assert.deepEqual(chooseReuse('always', [], undefined), { kind: 'unlimited', why: 'Reuse=always' });
  const { kind, why } = chooseReuse('always', ['it keeps it'], undefined);
  assert.deepEqual([kind, why], ['unlimited', 'Reuse=always, although it keeps it']);
});

describe('a draft is restored a second time', () => {
  const compare = async (reuse: string, more = {}): Promise<readonly [number, string, readonly string[]]> => {
    const text = `[Application]\nExecStart=/bin/a\nListenStream=80\n[Snapshot]\nReuse=${reuse}\n`;
    const read = readApplication('web', [readIni('web.conf', text)], { keep: 3 });
    assert.equal(read.kind, 'read');
    const said: string[] = [];
    let restored = 0;
    const { kind } = await compareRestores(
      read.application,
      { keepsOpenssl: false, ...more },
      { code: [{ path: '/usr/lib/libcrypto.so.3', isExecutable: false }] },
      {
        one: repeating.one,
        restoreAgain: () => {
          restored += 1;
          return Promise.resolve(repeating.other);
        },
        nowMs: () => 0,
        warn: (message) => said.push(message),
      },
    );
    return [restored, kind, said.map((message) => message.split(',')[0] ?? '')];
  };

  test('with Reuse=auto, and the journal hears of what repeats', async () => {
    assert.deepEqual(await compare('auto'), [
      ...[1, 'once'],
      ['web: each start uses a snapshot up (Reuse=auto)'],
    ]);
  });

  test('and not where something is known to repeat anyway', async () => {
    const [restored, kind] = await compare('auto', { keepsOpenssl: true });
    assert.deepEqual([restored, kind], [0, 'once']);
  });

  test('and not where the operator has decided, who hears what is known to repeat', async () => {
    assert.deepEqual(await compare('once'), [0, 'once', []]);
    assert.deepEqual(await compare('always'), [0, 'unlimited', []]);
    const heard = ['web: each restore repeats random numbers'];
    assert.deepEqual(await compare('always', { keepsOpenssl: true }), [0, 'unlimited', heard]);
  });
});

describe('a random generator is known to come back', () => {
  const libraries = '/usr/lib/x86_64-linux-gnu';
  const kept = (path: string, isKept: boolean, ...more: readonly string[]): number =>
    keptGenerators({ paths: [path, '/usr/bin/ruby3.3', ...more], isKept }).length;

  test('of an OpenSSL before version 3, whatever it was told', () => {
    assert.equal(kept(`${libraries}/libcrypto.so.1.1`, false), 1);
    assert.equal(kept(`${libraries}/libcrypto.so.1.1`, true), 1);
    assert.equal(kept(`${libraries}/libcrypto.so.1.0.2`, false), 1);
  });

  test('of an OpenSSL that was not told, unless its own configuration has it load ours', () => {
    assert.equal(kept(`${libraries}/libcrypto.so.3`, true), 1);
    assert.equal(kept(`${libraries}/libcrypto.so.3`, true, '/usr/lib/grenadine/grenadine-rand.so'), 0);
  });

  test('of a Node that was not told, which may have an OpenSSL linked in', () => {
    assert.equal(kept('/usr/local/bin/node', true), 1);
    assert.equal(kept('/usr/local/bin/node', false), 0);
  });

  test('and not of an OpenSSL that was told, and has drawn nothing yet', () => {
    assert.equal(kept(`${libraries}/libcrypto.so.3`, false), 0);
  });

  test('and not of what is no OpenSSL', () => {
    assert.equal(kept(`${libraries}/libcryptopp.so.8`, true), 0);
    assert.equal(kept('/usr/bin/nodejs-thing', true), 0);
  });
});
