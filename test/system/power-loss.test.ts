/**
 * The store after a power cut right before each call that changes it: on a real file system, of which nothing is left but
 * what was synced. GRENADINE_LONG=1 tries three kinds of file systems instead of one.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { openStore } from '../../activator/store/store.js';
import { makeDisk, type Disk, type FileSystem } from './faults/disk-image.js';
import { mustBeWhole, storeActs } from './faults/whole-store.js';
import { mustRun, runCommand } from './run-command.js';

const log = '/run/power-loss.log';
const changes = ['mkdir', 'rename', 'symlink', 'unlink', 'rmdir', 'fsync'];
const kinds: readonly FileSystem[] =
  process.env['GRENADINE_LONG'] === undefined ? ['ext4'] : ['ext4', 'xfs', 'btrfs'];
const acts = ['publish', 'choose', 'quarantine', 'remove'] as const;

interface Call {
  readonly name: string;
  readonly ordinal: number;
}

/** Runs one act under strace; answers the calls that it made, the last one being that which killed it. */
async function traced(disk: Disk, act: string, inject: readonly string[]): Promise<readonly Call[]> {
  const strace = ['strace', '-f', '-o', log, '-e', `trace=${changes.join(',')}`, ...inject];
  await runCommand(['env', 'UV_THREADPOOL_SIZE=1', ...strace, process.execPath, storeActs, disk.path, act]);
  const counts = new Map<string, number>();
  return (await readFile(log, 'utf8')).split('\n').flatMap((line) => {
    const name = /^\d+ +(\w+)\(/.exec(line)?.[1];
    if (name === undefined) return [];
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return [{ name, ordinal: counts.get(name) ?? 0 }];
  });
}

for (const kind of kinds) {
  describe(`after a power cut, on ${kind}`, () => {
    test('what was synced is there, and what was not is lost', async () => {
      const disk = await makeDisk(kind);
      await writeFile(`${disk.path}/synced`, 'synced', { flush: true });
      await mustRun(['sync', disk.path]);
      await writeFile(`${disk.path}/written`, 'written');
      const found = await disk.afterPowerLoss((path) => readdir(path));
      assert.deepEqual([found.includes('synced'), found.includes('written')], [true, false]);
      await disk.remove();
    });

    for (const act of acts) {
      test(`the store is what it was before or after: ${act}`, async (context) => {
        const disk = await makeDisk(kind);
        await mkdir(`${disk.path}/var/lib`, { recursive: true });
        await mustRun(['env', process.execPath, storeActs, disk.path, 'prepare']);
        const ids = (await openStore(disk.path).list('web')).map(({ id }) => id).reverse();
        assert.equal(ids.length, 2);
        await disk.sync();
        const calls = await traced(disk, act, []);
        for (const { name, ordinal } of calls) {
          await disk.reset();
          const made = await traced(disk, act, ['-e', `inject=${name}:signal=KILL:when=${ordinal}`]);
          assert.deepEqual(made.at(-1), { name, ordinal });
          await disk.afterPowerLoss((path) => mustBeWhole(path, act, ids));
        }
        context.diagnostic(`${calls.length} power cuts`);
        await disk.remove();
      });
    }
  });
}
