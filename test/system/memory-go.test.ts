/**
 * Mapped memory under Go, whose runtime discards what it does not use: what comes back there, and that the runtime does
 * without zeros, but not the program that discards memory of its own, for which all of it is copied.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { configure, install, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { ask, askRestored, mappedBytes, memoryOf } from './memory.js';

const program = { name: 'go-memory', address: '127.0.0.1:5010' };
/** What it lets go of for /released, and maps by itself for /discard. */
const discarded = 4 << 20;

describe('a Go program', () => {
  before(async () => {
    await install('go-memory', 'go-memory');
    await bake('go-memory');
  });
  after(() => uninstall('go-memory'));

  test('has its memory copied, because it is written in Go', async () => {
    assert.equal(await askRestored(program, '/whole'), 'whole');
    const [kind, why] = await memoryOf('go-memory');
    assert.equal(kind, 'copied');
    assert.match(why, /\/srv\/go-memory\/go-memory' is written in Go/);
    assert.equal(await mappedBytes(program), 0);
  });

  test('is whole after hundreds of rounds of allocation, collection and scavenging', async () => {
    assert.equal(await askRestored(program, '/rounds'), 'whole');
    assert.equal(await ask(program, '/zeros'), 'nonzero=0');
    assert.equal(await ask(program, '/whole'), 'whole');
  });

  test('finds zeros in what it discards', async () => {
    assert.equal(await askRestored(program, '/released'), 'nonzero=0');
    assert.equal(await ask(program, '/discard'), 'nonzero=0');
  });
});

// MADV_DONTNEED and MADV_FREE, which fails on mapped memory: the runtime then takes the other.
for (const debug of ['madvdontneed=1', 'madvdontneed=0']) {
  describe(`a Go program whose memory is mapped all the same, with GODEBUG=${debug}`, () => {
    before(async () => {
      await install('go-memory', 'go-memory');
      await configure('go-memory', `[Application]\nEnvironment=GODEBUG=${debug}\n[Snapshot]\nMemory=mapped`);
      await bake('go-memory');
    });
    after(() => uninstall('go-memory'));

    test('has the snapshot in what the runtime discarded, and zeros in what it hands out of it', async () => {
      assert.equal(await askRestored(program, '/released'), `nonzero=${discarded}`);
      assert.deepEqual(await memoryOf('go-memory'), ['mapped', '']);
      assert.equal(await ask(program, '/zeros'), 'nonzero=0');
    });

    test('is whole after hundreds of rounds, for the runtime clears what it uses again', async () => {
      assert.equal(await askRestored(program, '/rounds'), 'whole');
      assert.equal(await ask(program, '/zeros'), 'nonzero=0');
      assert.equal(await ask(program, '/whole'), 'whole');
    });

    test('has no zeros where it discards memory by itself, which is what the guard is for', async () => {
      assert.equal(await askRestored(program, '/discard'), `nonzero=${discarded}`);
    });
  });
}
