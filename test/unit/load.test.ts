// What the load of the system tests and the demonstration counts: a judge that overlooks something proves nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatExchange, parseExchange, type Exchange, type Result } from '../load/exchange.js';
import { readAnswer } from '../load/http-head.js';
import { tallyOf, wrongRevisions, type Switch } from '../load/tally.js';

const answered = (revision: string, status = 200): Result => ({ kind: 'answered', status, revision });
const failed: Result = { kind: 'failed', why: 'a kept connection: ECONNRESET' };

function exchange(beganUs: number, endedUs: number, result: Result, isRepeated = false): Exchange {
  return { isKept: true, beganUs, endedUs, isRepeated, result };
}

describe('a line of the load', () => {
  for (const result of [answered('2'), answered('', 503), failed]) {
    test(`tells the whole exchange: ${JSON.stringify(result)}`, () => {
      const told = exchange(1, 2, result, true);
      assert.deepEqual(parseExchange(formatExchange(told)), told);
    });
  }

  test('is of that form and no other', () => {
    assert.throws(() => parseExchange('kept 1 2 once fell over'));
  });
});

describe('an answer', () => {
  const head = 'HTTP/1.1 200 OK\r\nX-Revision: 7\r\nContent-Length: 2\r\n';
  const read = (text: string): unknown => readAnswer(Buffer.from(text));

  test('is whole when its length is there', () => {
    const whole = { status: 200, revision: '7', isLast: false };
    assert.deepEqual(read(`${head}\r\nhi`), { kind: 'whole', head: whole });
    assert.deepEqual(read(`${head}\r\nh`), { kind: 'more' });
    assert.deepEqual(read(head), { kind: 'more' });
  });

  test('says when it is the last one', () => {
    const last = { status: 200, revision: '7', isLast: true };
    assert.deepEqual(read(`${head}connection: close\r\n\r\nhi`), { kind: 'whole', head: last });
  });

  for (const text of [`${head}\r\nhi!`, 'HTTP/1.1 200 OK\r\n\r\n', 'hello\r\n\r\n']) {
    test(`is none: ${JSON.stringify(text)}`, () => {
      assert.match(JSON.stringify(read(text)), /"strange"/);
    });
  }
});

describe('the tally', () => {
  test('counts what failed, whatever it was', () => {
    const { requests, failures } = tallyOf([
      exchange(0, 1, answered('1')),
      exchange(0, 1, failed),
      exchange(0, 1, answered('1', 503)),
    ]);
    assert.deepEqual([requests, failures], [3, ['a kept connection: ECONNRESET', 'status 503']]);
  });

  test('counts what was asked again, though it was answered', () => {
    assert.equal(tallyOf([exchange(0, 1, answered('1'), true)]).repeated, 1);
  });

  test('knows the longest wait of one client, and for how long nobody had an answer', () => {
    const { longestMs, longestSilenceMs } = tallyOf([
      exchange(0, 9_000, answered('1')),
      exchange(1_000, 2_000, answered('1')),
      // A failure is no answer.
      exchange(2_000, 5_000, failed),
    ]);
    assert.deepEqual([longestMs, longestSilenceMs], [9, 7]);
  });
});

describe('a revision', () => {
  const switches: readonly Switch[] = [
    { askedUs: 0, doneUs: 0, revision: '1' },
    { askedUs: 100, doneUs: 200, revision: '2' },
    { askedUs: 300, doneUs: 400, revision: '1' },
  ];
  const isWrong = (beganUs: number, endedUs: number, revision: string): boolean =>
    wrongRevisions([exchange(beganUs, endedUs, answered(revision))], switches).length > 0;

  test('is wrong when the request began after the switch away from it', () => {
    assert.ok(isWrong(200, 201, '1'));
    assert.ok(isWrong(201, 290, '1'));
    assert.ok(isWrong(400, 500, '2'));
  });

  test('is wrong before it was asked for', () => {
    assert.ok(isWrong(10, 90, '2'));
  });

  test('may be the old or the new one while a switch is under way', () => {
    for (const revision of ['1', '2']) assert.ok(!isWrong(110, 120, revision));
  });

  test('may be the old one when the request began before the switch was done, however long it took', () => {
    assert.ok(!isWrong(199, 290, '1'));
  });

  test('may be the next one when that switch was asked for before the answer', () => {
    assert.ok(!isWrong(250, 310, '1'));
  });
});
