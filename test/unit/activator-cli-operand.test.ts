// APP, where it may be left out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applicationOperand } from '../../activator/cli/application-operand.js';
import type { Client } from '../../activator/cli/client.js';

const clientOf = (...names: readonly string[]): Client => ({
  call: () => Promise.reject(new Error('not called')),
  rows: () => Promise.resolve(names.map((name) => ({ name }))),
  row: () => Promise.reject(new Error('not called')),
  onProgress: () => Promise.resolve(),
  close: () => undefined,
});

test('left out, it is the only application there is', async () => {
  assert.deepEqual(await applicationOperand(clientOf('web'), 'dump', []), { name: 'web', rest: undefined });
  assert.deepEqual(await applicationOperand(clientOf('web'), 'restore', ['2']), { name: 'web', rest: '2' });
  assert.deepEqual(await applicationOperand(clientOf('web'), 'kill', ['HUP']), { name: 'web', rest: 'HUP' });
});

test('left out where there are several, or none, it is a usage error', async () => {
  await assert.rejects(applicationOperand(clientOf('web', 'api'), 'dump', []), {
    code: 'usage',
    message: /web, api/,
  });
  await assert.rejects(applicationOperand(clientOf(), 'dump', []), { code: 'usage' });
});

test('an application may be called 2', async () => {
  assert.deepEqual(await applicationOperand(clientOf('2'), 'restore', ['2']), { name: '2', rest: undefined });
  assert.deepEqual(await applicationOperand(clientOf('2'), 'restore', ['2', '1']), { name: '2', rest: '1' });
});

test('a mistyped name is not taken for something else', async () => {
  assert.deepEqual(await applicationOperand(clientOf('web'), 'dump', ['wbe']), {
    name: 'wbe',
    rest: undefined,
  });
  assert.deepEqual(await applicationOperand(clientOf('web'), 'kill', ['wbe']), {
    name: 'wbe',
    rest: undefined,
  });
});
