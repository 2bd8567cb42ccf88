/**
 * Mapped memory under Java, with each of its collectors: HotSpot maps anew over memory that it gives back, and so finds
 * zeros where it takes it into use again.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { configure, install, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { ask, askRestored, mappedBytes, memoryOf } from './memory.js';

const program = { name: 'java-memory', address: '127.0.0.1:5020' };

async function choose(collector: string): Promise<void> {
  await configure('java-memory', `[Application]\nEnvironment="JDK_JAVA_OPTIONS=${collector}"`);
}

describe('a Java program', () => {
  before(() => install('java-memory', 'java-memory'));
  after(() => uninstall('java-memory'));

  // Those that give back memory of their heap when they are told to collect.
  for (const collector of [
    '-XX:+UseG1GC',
    '-XX:+UseG1GC -XX:+AlwaysPreTouch -XX:+UseTransparentHugePages',
    '-XX:+UseSerialGC',
    '-XX:+UseShenandoahGC',
  ]) {
    test(`with ${collector} has its memory mapped, gives some of it back, and is whole`, async () => {
      await choose(collector);
      await bake('java-memory');
      assert.equal(await askRestored(program, '/whole'), 'whole');
      assert.deepEqual(await memoryOf('java-memory'), ['mapped', '']);
      const mapped = await mappedBytes(program);
      let left = mapped;
      // What a collection gives back is for the collector to say.
      for (let round = 0; round < 5 && left >= mapped; round += 1) {
        assert.equal(await ask(program, '/rounds'), 'whole');
        left = await mappedBytes(program);
      }
      assert.ok(left < mapped);
      assert.equal(await ask(program, '/zeros'), 'nonzero=0');
      assert.equal(await ask(program, '/whole'), 'whole');
    });
  }

  // The first keeps what it has; the heap of the others is shared memory, which is never mapped from a snapshot.
  for (const collector of [
    '-XX:+UseParallelGC',
    '-XX:+UseZGC -XX:ZUncommitDelay=1',
    '-XX:+UseZGC -XX:+ZGenerational -XX:ZUncommitDelay=1',
  ]) {
    test(`with ${collector} has its memory mapped, and is whole`, async () => {
      await choose(collector);
      await bake('java-memory');
      assert.equal(await askRestored(program, '/rounds'), 'whole');
      assert.deepEqual(await memoryOf('java-memory'), ['mapped', '']);
      assert.ok((await mappedBytes(program)) > 0);
      assert.equal(await ask(program, '/zeros'), 'nonzero=0');
      assert.equal(await ask(program, '/whole'), 'whole');
    });
  }
});
