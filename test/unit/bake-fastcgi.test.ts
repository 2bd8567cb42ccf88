// FastCGI's records: what is sent, and what an answer says however it is cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  encodeRequest,
  noAnswer,
  printedOf,
  readAnswer,
  statusOf,
} from '../../activator/bake/fastcgi-records.js';

function record(kind: number, content: string | readonly number[], padding = 0): Buffer {
  const body = typeof content === 'string' ? Buffer.from(content) : Buffer.from([...content]);
  const header = Buffer.from([1, kind, 0, 1, body.length >> 8, body.length & 0xff, padding, 0]);
  return Buffer.concat([header, body, Buffer.alloc(padding)]);
}

const [end, stdout, stderr] = [3, 6, 7];
const complete = record(end, [0, 0, 0, 0, 0, 0, 0, 0]);
const statusIn = (...records: readonly Buffer[]): number | undefined =>
  statusOf(readAnswer(noAnswer, Buffer.concat(records)));

test('a request begins one of a responder, has its parameters, and no body', () => {
  assert.deepEqual(
    encodeRequest({ A: 'bc', LONG: 'x'.repeat(200) }),
    Buffer.concat([
      record(1, [0, 1, 0, 0, 0, 0, 0, 0]),
      record(4, [
        ...[1, 2],
        ...Buffer.from('Abc'),
        ...[4, 0x80, 0, 0, 200],
        ...Buffer.from(`LONG${'x'.repeat(200)}`),
      ]),
      record(4, ''),
      record(5, ''),
    ]),
  );
});

test('the status is the one that the script names, and 200 where it names none', () => {
  assert.equal(
    statusIn(record(stdout, 'Status: 404 Not Found\r\nX: y\r\n\r\nStatus: 500', 5), complete),
    404,
  );
  assert.equal(statusIn(record(stdout, 'Content-type: text/html\r\n\r\nStatus: 500'), complete), 200);
});

test('what a script says on its standard error is not its answer', () => {
  assert.equal(
    statusIn(record(stderr, 'Status: 500\r\n\r\n'), record(stdout, 'X: y\r\n\r\n'), complete),
    200,
  );
});

test('there is no answer before its end, after a refusal, and in what is not FastCGI', () => {
  assert.equal(statusIn(record(stdout, 'X: y\r\n\r\nbody')), undefined);
  assert.equal(statusIn(record(stdout, 'X: y\r\n\r\n'), record(end, [0, 0, 0, 0, 2, 0, 0, 0])), undefined);
  assert.equal(statusIn(complete), undefined);
  assert.equal(statusIn(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), undefined);
});

test('what a script printed is its headers, each line, and its body', () => {
  const head = 'Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\n\r\n';
  const answer = readAnswer(
    noAnswer,
    Buffer.concat([record(stdout, head), record(stdout, 'one\r\n\r\ntwo')]),
  );
  assert.deepEqual(printedOf(answer), {
    headers: [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2; Path=/'],
    ],
    body: 'one\r\n\r\ntwo',
  });
  assert.deepEqual(printedOf(noAnswer), { headers: [], body: '' });
});

test('an answer is the same however it is cut', () => {
  const whole = Buffer.concat([
    record(stdout, 'Status: 503\r\n', 3),
    record(stdout, 'X: y\r\n\r\nbody'),
    complete,
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), whole.length];
      const pieces = places.slice(1).map((place, index) => whole.subarray(places[index], place));
      assert.equal(statusOf(pieces.reduce(readAnswer, noAnswer)), 503);
    }),
  );
});
