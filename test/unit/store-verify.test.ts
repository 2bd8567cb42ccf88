// A stored snapshot held against its manifest, in a temporary root: whatever was done to a file of it is named.

import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createApplications } from '../../activator/applications.js';
import { hashImages } from '../../activator/store/hash-images.js';
import { renderManifest, snapshotId } from '../../activator/store/manifest.js';
import { memoryFileTailBytes } from '../../activator/store/memory-file.js';
import { renderPlan } from '../../activator/store/plan.js';
import { planSum } from '../../activator/store/plan-sum.js';
import { openStore, type Store } from '../../activator/store/store.js';
import { createVerification, type Verification } from '../../activator/verification.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';
import { exampleManifest, examplePlan } from './store-example.js';

const memoryFile = 'mapped-ab-1.img';

interface Bench {
  readonly store: Store;
  readonly home: string;
  readonly id: string;
  /** The published snapshot's folder. */
  readonly folder: string;
  readonly verification: Verification;
  readonly told: readonly string[];
}

async function bench(context: TestContext, isSummed = true): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'grenadine-verify-'));
  context.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'var/lib'), { recursive: true });
  const store = openStore(root);
  const draft = await store.beginBake('web');
  for (const name of ['files.img', 'pages-1.img', memoryFile])
    await writeFile(join(draft, 'criu', name), name);
  await truncate(join(draft, 'criu', memoryFile), memoryFile.length + memoryFileTailBytes);
  const manifest = {
    ...exampleManifest,
    images: await hashImages(join(draft, 'criu')),
    planSha256: isSummed ? planSum(renderPlan(examplePlan), examplePlan.snapshot) : undefined,
  };
  const text = renderManifest(manifest);
  await writeFile(join(draft, 'manifest.json'), text);
  await writeFile(join(draft, 'plan'), renderPlan({ ...examplePlan, snapshot: snapshotId(text) }));
  const id = await store.publish('web', draft, manifest);
  const home = join(root, 'var/lib/grenadine/web');
  const told: string[] = [];
  const verification = verificationOf(store, told);
  return { store, home, id, folder: join(home, 'snapshots', id), verification, told };
}

/** Each look at the clock is two seconds later. */
function verificationOf(store: Store, told: string[]): Verification {
  const read = readApplication(
    'web',
    [readIni('web.conf', '[Application]\nExecStart=/bin/a\nListenStream=80\n')],
    {
      keep: 3,
    },
  );
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  const silent = (): void => undefined;
  const log = { info: silent, warning: (message: string) => told.push(message), error: silent };
  let nowMs = 0;
  return createVerification({
    applications,
    store,
    log,
    nowMs: () => (nowMs += 2000),
    progress: (name, detail) => told.push(`${name} ${detail}`),
    changed: (name) => Promise.resolve(void told.push(`${name} changed`)),
  });
}

async function flipByte(path: string): Promise<void> {
  await writeFile(path, 'X', { flag: 'r+' });
}

const damages: readonly (readonly [rule: string, harm: (folder: string) => Promise<void>, fault: string])[] =
  [
    [
      'with a byte flipped',
      (at) => flipByte(`${at}/criu/pages-1.img`),
      'criu/pages-1.img has other contents',
    ],
    [
      'with a byte flipped in mapped memory',
      (at) => flipByte(`${at}/criu/${memoryFile}`),
      'has other contents',
    ],
    ['cut short', (at) => truncate(`${at}/criu/files.img`, 2), 'criu/files.img has not the 9 bytes'],
    ['with mapped memory cut short', (at) => truncate(`${at}/criu/${memoryFile}`, 2), 'has not the 15 bytes'],
    ['that grew', (at) => appendFile(`${at}/criu/files.img`, 'x'), 'criu/files.img has not the 9 bytes'],
    ['that lost a file', (at) => unlink(`${at}/criu/files.img`), 'criu/files.img is missing'],
    ['with a file too many', (at) => writeFile(`${at}/criu/x`, ''), 'criu/x is not part of it'],
    ['without its images', (at) => rm(`${at}/criu`, { recursive: true }), 'criu/files.img is missing'],
    ['without its plan', (at) => unlink(`${at}/plan`), 'plan is missing'],
    ['with another number in its plan', (at) => replaceInPlan(at), 'plan has other contents'],
    [
      'with a link for a file',
      async (at) => {
        await unlink(`${at}/criu/files.img`);
        await symlink('pages-1.img', `${at}/criu/files.img`);
      },
      'criu/files.img cannot be read (ELOOP)',
    ],
  ];

async function replaceInPlan(folder: string): Promise<void> {
  await writeFile(`${folder}/plan`, renderPlan({ ...examplePlan, deadlineMs: 1001 }));
}

describe('a snapshot', () => {
  test('that is as it was published is whole', async (context) => {
    const { verification, id, store, told } = await bench(context);
    const [row, ...more] = await verification.verify('web', '');
    assert.deepEqual([row?.name, row?.id, row?.damage, more], ['web', id, '', []]);
    assert.equal(await store.chosen('web', 'current'), id);
    assert.deepEqual(
      told.filter((line) => !line.startsWith(`web ${id} `)),
      [],
    );
    assert.equal(told.at(-1), `web ${id} 100 %`);
  });

  for (const [rule, harm, fault] of damages) {
    test(`${rule} is damaged, and set aside with the reason`, async (context) => {
      const { verification, id, folder, store, told } = await bench(context);
      await harm(folder);
      const [row, ...more] = await verification.verify('web', id);
      assert.ok(row?.damage.includes(fault), row?.damage);
      assert.deepEqual([row?.id, more], [id, []]);
      assert.deepEqual([await store.list('web'), await store.chosen('web', 'current')], [[], undefined]);
      assert.ok(told.some((line) => line.startsWith(`web: snapshot ${id} was set aside (damaged): `)));
      assert.equal(told.at(-1), 'web changed');
      await assert.rejects(verification.verify('web', id), { code: 'no-such-snapshot' });
    });
  }

  test('whose manifest cannot be read is damaged, too', async (context) => {
    const { verification, id, folder, told } = await bench(context);
    await writeFile(`${folder}/manifest.json`, '{}');
    const [row] = await verification.verify('web', '');
    assert.deepEqual([row?.id, row?.damage], [id, 'the manifest does not match its id']);
    assert.equal(told.at(-1), 'web changed');
  });

  test('of a version without a sum of the plan is whole while the plan can be read', async (context) => {
    const { verification, id, folder } = await bench(context, false);
    assert.equal((await verification.verify('web', id))[0]?.damage, '');
    await truncate(`${folder}/plan`, 40);
    assert.match((await verification.verify('web', id))[0]?.damage ?? '', /^plan /);
  });
});
