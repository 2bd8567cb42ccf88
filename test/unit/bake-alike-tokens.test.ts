// What is said of the tokens that two restores answered alike, and what `grenadine doctor NAME --uniqueness` makes of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alikeTokens } from '../../activator/bake/alike-tokens.js';
import type { Answer } from '../../activator/bake/repeated-tokens.js';
import { uniquenessFindings } from '../../activator/doctor/uniqueness-findings.js';

const nowMs = Date.UTC(2026, 10, 23, 12);

const bodies = (...texts: readonly string[]): readonly Answer[] =>
  texts.map((body) => ({ request: 'GET /', headers: [], body }));

function kinds(one: readonly Answer[], other: readonly Answer[]): Readonly<Record<string, string>> {
  return Object.fromEntries(alikeTokens(one, other, nowMs).map(({ text, kind }) => [text, kind]));
}

describe('a token that both restores gave', () => {
  test('is drawn where it stood in one answer of each, wherever in their order', () => {
    const [one, other] = [bodies('id 4f1d9a0c7b', 'id 90be12ff03'), bodies('id aa91c04d7e', 'id 4f1d9a0c7b')];
    assert.deepEqual(kinds(one, other), { '4f1d9a0c7b': 'drawn' });
  });

  test('is constant where it stood in every answer of both, and else was drawn for several', () => {
    const one = bodies('build 4f1d9a0c7b 90be12ff03', 'build 4f1d9a0c7b 90be12ff03', 'build 4f1d9a0c7b');
    assert.deepEqual(kinds(one, one), { '4f1d9a0c7b': 'constant', '90be12ff03': 'several' });
  });

  test('is ordinary where it varies as words, times and counts do', () => {
    const texts = ['Wednesday 2026-11-23 order-10001', 'Thursday 2026-11-24 order-10002'];
    assert.deepEqual(
      new Set(Object.values(kinds(bodies(...texts), bodies(...texts)))),
      new Set(['ordinary']),
    );
  });

  test('is none where it stood in another place, or is shorter than eight', () => {
    const cookie: Answer = {
      request: 'GET /',
      headers: [['Set-Cookie', 'sid=4f1d9a0c7b; Path=/']],
      body: '',
    };
    assert.deepEqual(kinds([cookie, ...bodies('')], bodies('4f1d9a0c7b', '')), {});
    assert.deepEqual(kinds(bodies('4f1d9a0', ''), bodies('4f1d9a0', '')), {});
  });

  test('is told as a whole, and where only a part of it is the same, that part', () => {
    const uuids = ['4f1d9a0c-7b2e-4c11-9d02-5a6b7c8d9e0f', '90be12ff-03aa-4d7e-8f31-1c2d3e4f5a6b'];
    assert.deepEqual(Object.keys(kinds(bodies(...uuids), bodies(...uuids))), uuids);
    const [one, other] = [bodies('1700000001-90be12ff03', ''), bodies('1700000555-90be12ff03', '')];
    assert.deepEqual(kinds(one, other), { '90be12ff03': 'drawn' });
  });

  test('counts once for an answer, however often it stands there', () => {
    const twice = bodies('4f1d9a0c7b 4f1d9a0c7b', '90be12ff03');
    assert.deepEqual(kinds(twice, twice), { '4f1d9a0c7b': 'drawn', '90be12ff03': 'drawn' });
  });
});

describe('doctor NAME --uniqueness', () => {
  const failed = (one: readonly Answer[], other: readonly Answer[]): readonly string[] =>
    uniquenessFindings(one, other, '/', nowMs)
      .filter(({ result }) => result === 'failed')
      .map(({ holds, what, handling }) => `${holds} ${what} ${handling}`);

  test('has a failed row for each drawn token, with its place, and advice once for a place', () => {
    const same = bodies('4f1d9a0c7b', '90be12ff03');
    const rows = uniquenessFindings(same, same, '/', nowMs);
    assert.deepEqual(failed(same, same), [
      'token 4f1d9a0c7b given by both, in the body of GET /',
      'token 90be12ff03 given by both, in the body of GET /',
    ]);
    assert.equal(rows.filter(({ advice }) => advice !== '').length, 1);
  });

  test('says how many constants and ordinary texts were left out', () => {
    const same = bodies('build 4f1d9a0c7b on Wednesday', 'build 4f1d9a0c7b on Thursdays');
    const rows = uniquenessFindings(same, same, '/', nowMs).map(({ holds, what, result }) => [
      ...[holds, what, result],
    ]);
    assert.deepEqual(rows, [
      ['constants', '1 token', 'ok'],
      ['ordinary text', '2 tokens', 'ok'],
    ]);
  });

  test('fails where there is nothing to compare', () => {
    assert.equal(failed([], []).length, 1);
    assert.equal(failed(bodies('one'), bodies('one', 'two')).length, 1);
  });
});
