// What counts as a random number that two restores have in common, and what is only the same, or only varies.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { repeatedTokens, type Answer } from '../../activator/bake/repeated-tokens.js';

const nowMs = Date.UTC(2026, 10, 23, 12);

/** Answers to one request, with these bodies. */
const bodies = (...texts: readonly string[]): readonly Answer[] =>
  texts.map((body) => ({ request: 'GET /', headers: [], body }));
const cookies = (...values: readonly string[]): readonly Answer[] =>
  values.map((value) => ({
    request: 'GET /',
    headers: [['set-cookie', `${value}; Path=/`] as const],
    body: '',
  }));
const placesOf = (one: readonly Answer[], other: readonly Answer[]): readonly string[] =>
  repeatedTokens(one, other, nowMs).map(({ place }) => place);
/** Is that varying text, when another restore gives it out again, a random number? */
const isFound = (...texts: readonly string[]): boolean =>
  placesOf(bodies(...texts), bodies(...texts)).length > 0;

test('what both restores drew anew for an answer repeats', () => {
  assert.deepEqual(repeatedTokens(bodies('id=4f1d9a0c7b'), bodies('id=4f1d9a0c7b'), nowMs), []);
  assert.deepEqual(
    repeatedTokens(
      bodies('4f1d9a0c7b', '90be12ff03', 'aa91c04d7e'),
      bodies('4f1d9a0c7b', '90be12ff03', 'aa91c04d7e'),
      nowMs,
    ),
    [{ place: 'the body of GET /', characters: 10 }],
  );
});

test('one number in common is enough, whichever of the answers it is in', () => {
  assert.deepEqual(placesOf(bodies('4f1d9a0c7b', '90be12ff03'), bodies('c0ffee1234', '4f1d9a0c7b')), [
    'the body of GET /',
  ]);
});

test('what differs between the restores does not repeat', () => {
  assert.deepEqual(placesOf(bodies('4f1d9a0c7b', '90be12ff03'), bodies('c0ffee1234', '1234c0ffee')), []);
});

test('what never varies was not drawn', () => {
  assert.equal(isFound('build-4f1d9a0c7b', 'build-4f1d9a0c7b', 'build-4f1d9a0c7b'), false);
});

test('what stands in two of three answers was not drawn for one of them', () => {
  assert.equal(isFound('4f1d9a0c7b', '4f1d9a0c7b', ''), false);
});

test('what repeats is found although a time stands beside it', () => {
  const times = (from: number): readonly Answer[] =>
    bodies(`s_${nowMs + from}_4f1d9a0c7b`, `s_${nowMs + from + 9}_90be12ff03`);
  assert.deepEqual(placesOf(times(0), times(5000)), ['the body of GET /']);
});

test('a cookie is looked for by its name', () => {
  const one = cookies('sid=4f1d9a0c7b', 'sid=90be12ff03');
  assert.deepEqual(placesOf(one, one), ['Set-Cookie: sid of GET /']);
  assert.deepEqual(placesOf(one, cookies('other=4f1d9a0c7b', 'other=90be12ff03')), []);
});

test('the same text in another place, or for another request, does not count', () => {
  const one = bodies('4f1d9a0c7b', '90be12ff03');
  assert.deepEqual(placesOf(one, cookies('sid=4f1d9a0c7b', 'sid=90be12ff03')), []);
  assert.deepEqual(
    placesOf(
      one,
      one.map((answer) => ({ ...answer, request: 'GET /other' })),
    ),
    [],
  );
});

test('a page of thousands of numbers is looked through in a moment', () => {
  const page = (from: number): string =>
    Array.from({ length: 40_000 }, (_, at) => `id-${String(from + at).padStart(8, '0')}`).join(' ');
  const answers = bodies(page(0), page(10_000_000), page(20_000_000));
  const startMs = performance.now();
  assert.deepEqual(placesOf(answers, answers), []);
  assert.ok(performance.now() - startMs < 2000);
});

describe('of what varies, these are found', () => {
  const random: Readonly<Record<string, readonly [string, string]>> = {
    'hexadecimal digits': ['9f86d081884c7d65', '60303ae22b998861'],
    'decimal digits': ['8444218515250481', '1220419053220942'],
    'a fraction': ['0.8444218515250481', '0.1220419053220942'],
    Base64: ['q83vEjRWeJq8Hg==', 'Zm9vYmFyYmF6cXV4'],
    'a UUID': ['6ba7b810-9dad-41d1-80b4-00c04fd430c8', '8f14e45f-ceea-467f-a0e6-1234567890ab'],
    'letters of both cases': ['qRtYpLmNvBxZ', 'wEdFgHjKlQaS'],
    'many letters of one case': ['qwertyuiopasdfghjklzxcvbn', 'mnbvcxzlkjhgfdsapoiuytrew'],
  };
  for (const [what, texts] of Object.entries(random))
    test(what, () => {
      assert.equal(isFound(...texts), true);
    });
});

describe('of what varies, these are not', () => {
  const others: Readonly<Record<string, readonly [string, string]>> = {
    'less than eight characters': ['a1b2c3d', 'd3c2b1a'],
    words: ['Perseverance is no state-of-the-art', 'Imagination is another PHENOMENON'],
    'a count': ['visitor 10000041', 'visitor 10000042'],
    'a count with a word': ['request-00000041', 'request-00000042'],
    'the number of a worker': ['gunicorn-worker-5123', 'gunicorn-worker-5124'],
    'an address in memory': ['#<Object:0x00007f2b5c0a1d38>', '#<Object:0x00007f2b5c0b2e48>'],
    'a date': ['2026-11-23T12:00:00Z', '2026-11-24T12:00:01Z'],
    'a date without dashes': ['20261123T120000Z', '20261124T120001Z'],
    seconds: [`${nowMs / 1000}`, `${nowMs / 1000 + 20_000}`],
    milliseconds: [`${nowMs}`, `${nowMs + 20_000}`],
    nanoseconds: [`${nowMs}000000`, `${nowMs + 20_000}000000`],
  };
  for (const [what, texts] of Object.entries(others))
    test(what, () => {
      assert.equal(isFound(...texts), false);
    });

  test('what follows from the body, or from the clock', () => {
    for (const name of ['ETag', 'Repr-Digest', 'Last-Modified']) {
      const answers = ['4f1d9a0c7b', '90be12ff03'].map((value) => ({
        ...{ request: 'GET /', body: '' },
        headers: [[name, `W/"${value}"`] as const],
      }));
      assert.deepEqual(placesOf(answers, answers), [], name);
    }
  });
});

test('whatever 16 bytes a generator gives twice, in hexadecimal or Base64, are found', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(
      fc.uniqueArray(bytes, { minLength: 3, maxLength: 3, selector: (one) => one.toString('hex') }),
      fc.constantFrom('hex', 'base64', 'base64url'),
      (drawn, encoding) => {
        // fast-check likes zeros; a generator does not.
        const texts = drawn.filter((one) => new Set(one).size > 8).map((one) => one.toString(encoding));
        assert.equal(isFound(...texts), texts.length > 1);
      },
    ),
  );
});
