// `grenadine verify` of all applications: what fails of one ends nothing, and what was found is always shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client, Row } from '../../activator/cli/client.js';
import { statusOf } from '../../activator/cli/exit-status.js';
import { verify } from '../../activator/cli/verify.js';
import { GrenadineError } from '../../generator/config/error.js';

type Answer = readonly Row[] | GrenadineError;

const sound = (name: string): readonly Row[] => [{ name, id: 'aaaaaaaaaaaa', bytes: 1024, damage: '' }];
const damaged = (name: string): readonly Row[] => [
  { name, id: 'bbbbbbbbbbbb', bytes: 0, damage: 'plan\u009b' },
];
const gone = new GrenadineError('org.grenadine.Error.NoSuchApplication', 'There is none.');
const unread = new GrenadineError('org.grenadine.Error.Internal', 'EIO: i/o error');
const away = new GrenadineError('org.freedesktop.DBus.Error.NoReply', 'It disconnected.');
const forbidden = new GrenadineError('org.freedesktop.DBus.Error.AccessDenied', 'No.');

async function run(answers: Readonly<Record<string, Answer>>, json: boolean) {
  const asked: string[] = [];
  const client: Client = {
    call: () => assert.fail('called'),
    row: () => assert.fail('called'),
    rows: (member, [name]) => {
      if (member === 'List') return Promise.resolve(Object.keys(answers).map((one) => ({ name: one })));
      asked.push(String(name));
      const answer = answers[String(name)] ?? gone;
      return answer instanceof GrenadineError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onProgress: () => Promise.resolve(),
    close: () => undefined,
  };
  let out = '';
  let err = '';
  const terminal = {
    out: (part: string) => (out += part),
    err: (part: string) => (err += part),
    ...{ isColoured: false, isErrTerminal: false, nowMs: 0 },
  };
  const error = await verify(client, undefined, { kind: 'latest' }, json, terminal).catch(
    (caught: unknown) => caught,
  );
  const code = error instanceof GrenadineError ? error.code : error;
  return { out, err, code, status: error === undefined ? 0 : statusOf(error), asked };
}

test('an application that is taken away meanwhile is no failure', async () => {
  const { out, err, status } = await run({ canary: gone, web: sound('web') }, false);
  assert.match(out, /^web +aaaaaaaaaaaa +1\.0K +ok$/m);
  assert.deepEqual([err, status], ['', 0]);
});

test('an application that cannot be verified is said, and the next ones are verified', async () => {
  const { out, err, code, status } = await run({ api: unread, shop: unread, web: sound('web') }, false);
  assert.match(out, /^web .* ok$/m);
  assert.match(err, /^grenadine: api .*: EIO/);
  assert.deepEqual([code, status], ['not-verified', 1]);
});

test('damage is the last word where others could not be verified', async () => {
  const { out, err, code, status } = await run(
    { api: unread, shop: damaged('shop'), web: sound('web') },
    false,
  );
  assert.match(out, /^shop .* damaged: plan\?$/m);
  assert.match(out, /^web .* ok$/m);
  assert.match(err, /^grenadine: api .*: EIO.*\n$/);
  assert.deepEqual([code, status], ['damaged', 1]);
});

test('where the activator goes, what was found is shown, and no other is tried', async () => {
  for (const [why, wanted] of [
    [away, 5],
    [forbidden, 4],
  ] as const) {
    const found = await run({ shop: damaged('shop'), api: why, web: sound('web') }, false);
    assert.match(found.out, /^shop .* damaged: /m);
    assert.match(found.err, /^grenadine: 1 of 1 snapshots are damaged/);
    assert.deepEqual([found.status, found.asked], [wanted, ['shop', 'api']]);
  }
});

test('JSON is written whatever fails, and holds no control character', async () => {
  const { out, status } = await run({ api: unread, shop: damaged('shop') }, true);
  assert.equal(status, 1);
  assert.match(out, /^[^\p{Cc}]*$/mu);
  assert.ok(!out.includes('\u009b'));
  assert.deepEqual(JSON.parse(out), damaged('shop'));
});
