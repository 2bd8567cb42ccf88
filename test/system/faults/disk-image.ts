/**
 * A file system in a file. What it was told to sync has reached the file, and what it was not is still in memory: so a
 * copy of the file, made while it is mounted, is what a power cut would have left, and mounting the copy is the next boot.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { mustRun } from '../run-command.js';

export type FileSystem = 'ext4' | 'xfs' | 'btrfs';

const home = '/run/power-loss';
/** As small as xfs and btrfs come. */
const imageBytes = 320 * 1024 * 1024;
const makeArgv: Readonly<Record<FileSystem, readonly string[]>> = {
  ext4: ['mkfs.ext4', '-q', '-F'],
  xfs: ['mkfs.xfs', '-q', '-f'],
  btrfs: ['mkfs.btrfs', '-q', '-f'],
};

export interface Disk {
  /** Where it is mounted. */
  readonly path: string;
  /** Has all that was written reach the disk. */
  readonly sync: () => Promise<void>;
  /** What a power cut leaves, mounted after the journal was played back, while `look` looks at it. */
  readonly afterPowerLoss: <T>(look: (path: string) => Promise<T>) => Promise<T>;
  /** As it was at the last sync. */
  readonly reset: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export async function makeDisk(kind: FileSystem): Promise<Disk> {
  const [image, saved, left, path, after] = ['image', 'saved', 'left', 'now', 'after'].map(
    (name) => `${home}/${name}`,
  );
  if (image === undefined || saved === undefined || left === undefined) throw new Error('unreachable');
  if (path === undefined || after === undefined) throw new Error('unreachable');
  await rm(home, { recursive: true, force: true });
  for (const folder of [path, after]) await mkdir(folder, { recursive: true });
  await mustRun(['truncate', '-s', `${imageBytes}`, image]);
  await mustRun([...makeArgv[kind], image]);
  const mount = async (file: string, where: string): Promise<void> => {
    const device = await freeLoopDevice();
    // Freed again when it is unmounted, or when the bed goes.
    await mustRun(['mount', '-o', `loop=${device}`, file, where]);
  };
  const copy = (from: string, to: string): Promise<string> =>
    mustRun(['cp', '--sparse=always', '--reflink=never', from, to]);
  await mount(image, path);
  return {
    path,
    sync: async () => {
      await mustRun(['umount', path]);
      await copy(image, saved);
      await mount(image, path);
    },
    afterPowerLoss: async (look) => {
      await copy(image, left);
      // Two mounted file systems of one UUID are refused by xfs and btrfs.
      await mustRun(['umount', path]);
      await mount(left, after);
      try {
        return await look(after);
      } finally {
        await mustRun(['umount', after]);
        await mount(image, path);
      }
    },
    reset: async () => {
      await mustRun(['umount', path]);
      await copy(saved, image);
      await mount(image, path);
    },
    remove: async () => {
      await mustRun(['umount', path]);
      await rm(home, { recursive: true });
    },
  };
}

/** A bed's /dev has none. Their numbers are of Documentation/admin-guide/devices.txt. */
async function freeLoopDevice(): Promise<string> {
  await makeNode('/dev/loop-control', 'c', 10, 237);
  // Without a node yet it is said to be lost.
  const [, device = '', minor] = /^(\/dev\/loop(\d+))/.exec(await mustRun(['losetup', '--find'])) ?? [];
  await makeNode(device, 'b', 7, Number(minor));
  return device;
}

async function makeNode(path: string, kind: 'b' | 'c', major: number, minor: number): Promise<void> {
  if (existsSync(path)) return;
  await mustRun(['mknod', '-m', '0600', path, kind, `${major}`, `${minor}`]);
}
