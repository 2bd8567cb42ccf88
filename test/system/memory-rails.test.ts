/** Mapped memory under Rails, a large application: on glibc’s malloc, and on jemalloc, which the guard knows. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { configure, install, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { askRestored, memoryOf } from './memory.js';

const program = { name: 'rails', address: '127.0.0.1:3000' };

describe('a Rails application', () => {
  beforeEach(() => install('rails', 'rails'));
  afterEach(async () => {
    await uninstall('rails');
    // Each deployment counts, and the tests of Rails itself begin with the first.
    await rm('/srv/rails', { recursive: true });
  });

  const articles = async (): Promise<void> => {
    assert.match(await askRestored(program, '/articles'), /25 articles/);
    for (let request = 0; request < 200; request += 1) {
      const { status, body } = await fetchFrom(program.address, '/articles');
      assert.ok(status === 200 && body.includes('25 articles'), `request ${request}: ${status}`);
    }
  };

  test('has its memory mapped and answers hundreds of requests right', async () => {
    await bake('rails');
    await articles();
    assert.deepEqual(await memoryOf('rails'), ['mapped', '']);
  });

  test('with jemalloc preloaded has it copied', async () => {
    await configure('rails', '[Application]\nEnvironment=LD_PRELOAD=libjemalloc.so.2');
    await bake('rails');
    await articles();
    const [kind, why] = await memoryOf('rails');
    assert.equal(kind, 'copied');
    assert.match(why, /\/libjemalloc\.so\.2'/);
  });
});
