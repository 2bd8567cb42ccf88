/** What goes wrong with the files of a snapshot, and with those that it maps. */
import { open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { journalCursor, waitForLine } from '../journal.js';
import { mustRun } from '../run-command.js';
import { truncateImage } from '../store.js';
import { systemctl } from '../systemctl.js';
import { nothingToMend, type Fault, type FaultGroup, type Injected } from './fault.js';
import { activator, imagesOf, library, name } from './faulty.js';

async function imageOf(snapshot: string, prefix: string): Promise<string> {
  const found = (await readdir(imagesOf(snapshot))).find((file) => file.startsWith(prefix));
  if (found === undefined) throw new Error(`no image begins with ${prefix}`);
  return `${imagesOf(snapshot)}/${found}`;
}

async function flipByte(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte.writeUInt8(byte.readUInt8(0) ^ 0xff);
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}

/** Puts another build of the library into its place, of the same size, as an upgrade does. */
async function replaceLibrary(version: number): Promise<void> {
  await writeFile('/tmp/faulty.c', `int faulty_version(void) { return ${version}; }\n`);
  await mustRun(['gcc', '-shared', '-fPIC', '-o', `${library}.new`, '/tmp/faulty.c']);
  await rename(`${library}.new`, library);
}

/** With the activator away, so that nobody but CRIU can notice. */
async function replaceUnseen(): Promise<Injected> {
  const size = async (): Promise<number> => (await stat(library)).size;
  const before = await size();
  await systemctl('stop', activator);
  await replaceLibrary(3);
  if ((await size()) !== before) throw new Error('the library has another size, which is a fault of its own');
  return { mend: () => systemctl('start', activator) };
}

const imageFaults: readonly Fault[] = [
  {
    name: 'an image file is missing',
    injected: 'unlink(2) of core-*.img',
    inject: async (snapshot) => {
      await rm(await imageOf(snapshot, 'core-'));
      return nothingToMend;
    },
    ...{
      from: 'cold',
      code: 'restore-failed',
      says: /a file of the snapshot is missing or damaged/,
      snapshot: 'set aside',
    },
  },
  {
    name: 'an image file is cut off',
    injected: 'truncate(2) of mm-*.img to half of its size',
    inject: async () => {
      await truncateImage(name, 'mm-');
      return nothingToMend;
    },
    ...{
      from: 'cold',
      code: 'restore-failed',
      says: /a file of the snapshot is missing or damaged/,
      snapshot: 'set aside',
    },
  },
  {
    name: 'a byte of an image file is flipped',
    injected: 'write(2) of the first byte of files.img',
    inject: async (snapshot) => {
      await flipByte(await imageOf(snapshot, 'files.img'), 0);
      return nothingToMend;
    },
    ...{
      from: 'cold',
      code: 'restore-failed',
      says: /a file of the snapshot is missing or damaged/,
      snapshot: 'set aside',
    },
  },
  {
    name: 'a library that is mapped was replaced',
    injected: 'rename(2) of another build over it',
    inject: async () => {
      const cursor = await journalCursor();
      await replaceLibrary(2);
      await waitForLine(activator, /is stale: libfaulty/, cursor);
      return nothingToMend;
    },
    ...{
      from: 'cold',
      code: 'no-snapshot',
      says: /no snapshot fitted any more: .*libfaulty\.so was replaced/,
      snapshot: 'stale',
    },
  },
  {
    name: 'a library that is mapped was replaced, and nobody has noticed',
    injected: 'rename(2) of another build over it while the activator is stopped',
    inject: replaceUnseen,
    ...{
      from: 'cold',
      code: 'restore-failed',
      says: /libfaulty\.so was replaced by another build/,
      snapshot: 'set aside',
    },
  },
];

export const imageGroups: readonly FaultGroup[] = [{ title: 'The images', faults: imageFaults }];
