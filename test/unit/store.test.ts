// The snapshot store in a temporary root.

import assert from 'node:assert/strict';
import {
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { hashImages } from '../../activator/store/hash-images.js';
import { memoryFileTailBytes } from '../../activator/store/memory-file.js';
import { renderManifest, snapshotId, type Manifest } from '../../activator/store/manifest.js';
import { renderPlan } from '../../activator/store/plan.js';
import { openStore, type Store } from '../../activator/store/store.js';
import { exampleManifest, examplePlan } from './store-example.js';

interface Bench {
  readonly store: Store;
  readonly home: string;
}

async function bench(context: TestContext): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'grenadine-store-'));
  context.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'var/lib'), { recursive: true });
  return { store: openStore(root), home: join(root, 'var/lib/grenadine/web') };
}

function manifestOf(number: number): Manifest {
  return { ...exampleManifest, createdUs: number };
}

async function fill(draft: string, manifest: Manifest, isForOnce = false): Promise<void> {
  const text = renderManifest(manifest);
  await writeFile(join(draft, 'criu/files.img'), 'image');
  await writeFile(join(draft, 'manifest.json'), text);
  await writeFile(join(draft, 'plan'), renderPlan({ ...examplePlan, snapshot: snapshotId(text), isForOnce }));
}

async function publishOne({ store }: Bench, number: number): Promise<string> {
  const draft = await store.beginBake('web');
  await fill(draft, manifestOf(number));
  return store.publish('web', draft, manifestOf(number));
}

describe('a published snapshot', () => {
  test('is listed, current and closed to others', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    const [listed] = await here.store.list('web');
    assert.deepEqual([listed?.id, listed?.isCurrent, listed?.manifest], [id, true, manifestOf(1)]);
    assert.ok((listed?.bytes ?? 0) > 0);
    assert.equal(await readlink(join(here.home, 'current')), `snapshots/${id}`);
    for (const folder of ['', 'snapshots', `snapshots/${id}`, `snapshots/${id}/criu`, 'tmp']) {
      assert.equal((await lstat(join(here.home, folder))).mode & 0o777, 0o700);
    }
    assert.deepEqual(await readdir(join(here.home, 'tmp')), []);
  });

  test('for one start has a mark, and is used up without it', async (context) => {
    const here = await bench(context);
    const draft = await here.store.beginBake('web');
    const manifest: Manifest = { ...exampleManifest, reuse: { kind: 'once', why: 'it repeats' } };
    await fill(draft, manifest, true);
    const id = await here.store.publish('web', draft, manifest);
    assert.equal((await here.store.list('web'))[0]?.isUsed, false);
    await rename(join(here.home, 'snapshots', id, 'unused'), join(here.home, 'snapshots', id, 'used'));
    assert.equal((await here.store.list('web'))[0]?.isUsed, true);
  });

  test('for any number of starts has no mark, and is never used up', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    assert.equal((await here.store.list('web'))[0]?.isUsed, false);
    assert.deepEqual((await readdir(join(here.home, 'snapshots', id))).sort(), [
      'criu',
      'manifest.json',
      'plan',
    ]);
  });

  test('cannot be one whose plan would let it serve more starts than its manifest', async (context) => {
    const here = await bench(context);
    const draft = await here.store.beginBake('web');
    const manifest: Manifest = { ...exampleManifest, reuse: { kind: 'once', why: 'it repeats' } };
    await fill(draft, manifest, false);
    await assert.rejects(here.store.publish('web', draft, manifest), { code: 'bad-draft' });
  });

  test('replaces the current one, and the newest is listed first', async (context) => {
    const here = await bench(context);
    const ids = [await publishOne(here, 1), await publishOne(here, 2)];
    assert.deepEqual(
      (await here.store.list('web')).map(({ id, isCurrent }) => [id, isCurrent]),
      [
        [ids[1], true],
        [ids[0], false],
      ],
    );
  });

  test('is the same only once', async (context) => {
    const here = await bench(context);
    await publishOne(here, 1);
    await assert.rejects(publishOne(here, 1), { code: 'snapshot-exists' });
  });

  test('must carry the plan that names it', async (context) => {
    const here = await bench(context);
    const draft = await here.store.beginBake('web');
    await fill(draft, manifestOf(1));
    await writeFile(join(draft, 'plan'), renderPlan(examplePlan));
    await assert.rejects(here.store.publish('web', draft, manifestOf(1)), { code: 'bad-draft' });
    assert.equal(await here.store.chosen('web', 'current'), undefined);
  });

  test('whose manifest was changed later is damaged and not listed', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await writeFile(join(here.home, 'snapshots', id, 'manifest.json'), renderManifest(manifestOf(2)));
    assert.deepEqual(await here.store.list('web'), []);
    assert.deepEqual((await here.store.inventory('web')).damaged, [
      { id, isCurrent: true, why: 'the manifest does not match its id' },
    ]);
  });
});

describe('the current snapshot', () => {
  test('can be chosen and dropped', async (context) => {
    const here = await bench(context);
    const [first] = [await publishOne(here, 1), await publishOne(here, 2)];
    assert.ok(first);
    await here.store.choose('web', 'current', first);
    assert.equal(await here.store.chosen('web', 'current'), first);
    await here.store.unchoose('web', 'current');
    assert.equal(await here.store.chosen('web', 'current'), undefined);
    await here.store.unchoose('web', 'current');
  });

  test('is none when the link leads out of the store or nowhere', async (context) => {
    const here = await bench(context);
    await publishOne(here, 1);
    for (const target of ['/etc', '../other', 'snapshots/0123456789ab']) {
      await here.store.unchoose('web', 'current');
      await symlink(target, join(here.home, 'current'));
      assert.equal(await here.store.chosen('web', 'current'), undefined);
    }
  });

  test('is none where a copy of the store has a folder in place of the link', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await here.store.unchoose('web', 'current');
    await mkdir(join(here.home, 'current'));
    assert.equal(await here.store.chosen('web', 'current'), undefined);
    assert.deepEqual(
      (await here.store.list('web')).map((one) => [one.id, one.isCurrent]),
      [[id, false]],
    );
  });

  test('cannot be a snapshot that does not exist', async (context) => {
    const here = await bench(context);
    await assert.rejects(here.store.choose('web', 'current', '0123456789ab'), { code: 'snapshot-missing' });
  });
});

describe('a snapshot that failed', () => {
  test('is set aside with the reason and no longer current', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await here.store.quarantine('web', id, 'restore-failed bad size');
    assert.deepEqual(await here.store.list('web'), []);
    assert.equal(await here.store.chosen('web', 'current'), undefined);
    assert.equal(
      await readFile(join(here.home, 'quarantine', id, 'why'), 'utf8'),
      'restore-failed bad size\n',
    );
  });

  test('is kept until the next one fails', async (context) => {
    const here = await bench(context);
    const first = await publishOne(here, 1);
    const second = await publishOne(here, 2);
    await here.store.quarantine('web', first, 'restore-failed');
    await here.store.quarantine('web', second, 'restore-failed');
    assert.deepEqual(await readdir(join(here.home, 'quarantine')), [second]);
  });
});

describe('a pin', () => {
  test('goes with the snapshot that failed, and with a word', async (context) => {
    const here = await bench(context);
    const first = await publishOne(here, 1);
    await publishOne(here, 2);
    await here.store.choose('web', 'pin', first);
    assert.equal(await here.store.chosen('web', 'pin'), first);
    await here.store.quarantine('web', first, 'restore-failed');
    assert.equal(await here.store.chosen('web', 'pin'), undefined);
    await here.store.choose('web', 'pin', (await here.store.chosen('web', 'current')) ?? '');
    await here.store.unchoose('web', 'pin');
    assert.equal(await here.store.chosen('web', 'pin'), undefined);
  });
});

describe('a removal', () => {
  test('takes the snapshot out of current and pin, and leaves the others', async (context) => {
    const here = await bench(context);
    const first = await publishOne(here, 1);
    const second = await publishOne(here, 2);
    await here.store.choose('web', 'pin', second);
    await here.store.remove('web', second);
    assert.equal(await here.store.chosen('web', 'pin'), undefined);
    assert.equal(await here.store.chosen('web', 'current'), undefined);
    assert.deepEqual(
      (await here.store.list('web')).map(({ id }) => id),
      [first],
    );
    await assert.rejects(here.store.remove('web', second), { code: 'snapshot-missing' });
  });

  test('unlinks and never truncates: an open image stays whole', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await publishOne(here, 2);
    const image = await open(join(here.home, 'snapshots', id, 'criu/files.img'));
    await here.store.remove('web', id);
    assert.equal(await image.readFile('utf8'), 'image');
    await image.close();
  });
});

describe('what is left of an interrupted bake', () => {
  test('is swept at start, and published snapshots stay', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    const draft = await here.store.beginBake('web');
    assert.deepEqual(await here.store.sweep(), [draft]);
    assert.deepEqual(await readdir(join(here.home, 'tmp')), []);
    assert.equal(await here.store.chosen('web', 'current'), id);
  });

  test('can be discarded, twice', async (context) => {
    const here = await bench(context);
    const draft = await here.store.beginBake('web');
    await here.store.discard(draft);
    await here.store.discard(draft);
    assert.deepEqual(await readdir(join(here.home, 'tmp')), []);
  });
});

describe('the store', () => {
  for (const name of ['../etc', '', 'Web', 'a/b', 'web-bake', '.', 'a'.repeat(65)]) {
    test(`has no application '${name.slice(0, 10)}'`, async (context) => {
      const { store } = await bench(context);
      await assert.rejects(store.beginBake(name), { code: 'bad-name' });
    });
  }

  test('has no snapshot whose id is a path', async (context) => {
    const { store } = await bench(context);
    await assert.rejects(store.remove('web', '../../../etc'), { code: 'bad-snapshot-id' });
  });

  test('is empty before the first bake', async (context) => {
    const { store } = await bench(context);
    assert.deepEqual(await store.list('web'), []);
    assert.deepEqual(await store.sweep(), []);
  });

  test('does not work through a link in its place, nor in a folder that others may write to', async (context) => {
    const here = await bench(context);
    await publishOne(here, 1);
    await rm(join(here.home, 'tmp'), { recursive: true });
    await symlink('/tmp', join(here.home, 'tmp'));
    await assert.rejects(here.store.beginBake('web'), { code: 'store-unsafe' });
  });

  test('discards only drafts', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await assert.rejects(here.store.discard(join(here.home, 'snapshots', id)), { code: 'bad-draft' });
  });
});

test('the sums of images are those of sha256sum, by name', async (context) => {
  const here = await bench(context);
  const draft = await here.store.beginBake('web');
  await writeFile(join(draft, 'criu/b.img'), 'abc');
  await writeFile(join(draft, 'criu/a.img'), '');
  assert.deepEqual(await hashImages(join(draft, 'criu')), [
    { name: 'a.img', bytes: 0, sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    { name: 'b.img', bytes: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  ]);
});

describe('a file of memory that snapshots share', () => {
  const file = 'mapped-ab-1.img';
  const withMemory = async (here: Bench): Promise<string> => {
    const draft = await here.store.beginBake('web');
    await fill(draft, manifestOf(1));
    await writeFile(join(draft, 'criu', file), 'x'.repeat(65536));
    return here.store.publish('web', draft, manifestOf(1));
  };

  test('outlives the snapshot that it came with, and one that goes leaves it as it was', async (context) => {
    const here = await bench(context);
    const base = await withMemory(here);
    const reader = await open(join(here.home, 'snapshots', base, 'criu', file));
    const draft = await here.store.beginBake('web');
    await here.store.linkMemory('web', draft, [file]);
    await here.store.remove('web', base);
    assert.equal(await readFile(join(draft, 'criu', file), 'utf8'), 'x'.repeat(65536));
    await here.store.discard(draft);
    assert.equal(await reader.readFile('utf8'), 'x'.repeat(65536));
    await reader.close();
  });

  test('counts in equal parts in each', async (context) => {
    const here = await bench(context);
    await withMemory(here);
    const alone = (await here.store.list('web'))[0]?.bytes ?? 0;
    const draft = await here.store.beginBake('web');
    await here.store.linkMemory('web', draft, [file]);
    const shared = (await here.store.list('web'))[0]?.bytes ?? 0;
    assert.equal(alone - shared, 32768);
  });

  test('is found in quarantine, too, and missed by name when it is nowhere', async (context) => {
    const here = await bench(context);
    await here.store.quarantine('web', await withMemory(here), 'restore-failed');
    const draft = await here.store.beginBake('web');
    await here.store.linkMemory('web', draft, [file]);
    await assert.rejects(here.store.linkMemory('web', draft, ['mapped-cd-1.img']), {
      code: 'memory-missing',
    });
  });
});

test('the sum of a file that memory is mapped from is of what it holds, not of its tail', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'grenadine-sums-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const name of ['mapped-ab-1.img', 'pages-1.img', 'pages-2.img'])
    await writeFile(join(folder, name), name === 'pages-2.img' ? '' : 'memory');
  await truncate(join(folder, 'mapped-ab-1.img'), 6 + memoryFileTailBytes);
  const sums = await hashImages(folder);
  assert.deepEqual(
    sums.map(({ bytes }) => bytes),
    [6, 6, 0],
  );
  assert.equal(sums[0]?.sha256, sums[1]?.sha256);
});

describe('a store that was interrupted, or cannot write', () => {
  test('lists no snapshot that was being set aside, and says why', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await writeFile(join(here.home, 'snapshots', id, 'why'), 'restore-failed bad size\n');
    assert.deepEqual(await here.store.list('web'), []);
    assert.deepEqual((await here.store.inventory('web')).damaged, [
      { id, isCurrent: true, why: 'restore-failed bad size' },
    ]);
    await here.store.quarantine('web', id, 'restore-failed bad size');
    assert.deepEqual(await readdir(join(here.home, 'quarantine')), [id]);
  });

  test('takes back what it began to choose', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    for (const link of ['current.new', 'pin.new']) await symlink(`snapshots/${id}`, join(here.home, link));
    await here.store.sweep();
    assert.deepEqual((await readdir(here.home)).sort(), ['current', 'snapshots', 'tmp']);
  });

  test('has the old snapshot serve where a new one cannot be made current', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await mkdir(join(here.home, 'current.new'));
    await assert.rejects(publishOne(here, 2));
    assert.equal(await here.store.chosen('web', 'current'), id);
    assert.deepEqual(
      (await here.store.list('web')).map((one) => one.id),
      [id],
    );
  });

  test('sets aside what failed though the reason cannot be written', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await mkdir(join(here.home, 'snapshots', id, 'why.new'));
    await here.store.quarantine('web', id, 'restore-failed');
    assert.deepEqual(await readdir(join(here.home, 'quarantine')), [id]);
  });

  test('removes what failed and cannot be set aside', async (context) => {
    const here = await bench(context);
    const id = await publishOne(here, 1);
    await writeFile(join(here.home, 'quarantine'), '');
    await here.store.quarantine('web', id, 'restore-failed');
    for (const folder of ['snapshots', 'tmp']) assert.deepEqual(await readdir(join(here.home, folder)), []);
    assert.equal(await here.store.chosen('web', 'current'), undefined);
  });
});
