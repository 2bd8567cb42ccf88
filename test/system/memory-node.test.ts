/** Mapped memory under Node: what malloc manages is mapped, what V8 counts on zeros in is copied, and why. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { configure, install, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { askRestored, memoryOf } from './memory.js';

const program = { name: 'node', address: '127.0.0.1:4000' };

describe('a Node program', () => {
  beforeEach(() => install('node', 'node'));
  afterEach(() => uninstall('node'));

  const nonzero = async (): Promise<unknown> => {
    return JSON.parse(await askRestored(program, '/shrink'));
  };

  test('has malloc’s memory mapped, and what V8 counts on zeros in copied', async () => {
    await bake('node');
    assert.deepEqual(await nonzero(), { nonzero: 0 });
    assert.deepEqual(await memoryOf('node'), ['mapped', '']);
    for (let request = 0; request < 300; request += 1)
      assert.equal((await fetchFrom(program.address, '/')).status, 200);
  });

  test('has a buffer that is not zero where it grew if all of it is mapped', async () => {
    await configure('node', '[Snapshot]\nMemory=mapped');
    await bake('node');
    assert.deepEqual(await nonzero(), { nonzero: 1 << 20 });
  });
});
