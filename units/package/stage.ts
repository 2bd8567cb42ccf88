// Writes the staging tree that dpkg-deb packs: the entries of layout.ts and the DEBIAN directory. Decides nothing.
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { InstalledFile } from './control-file.js';
import { directoriesOf, type Entry } from './layout.js';

/** Empties `tree`, then writes every entry below it; copies are read relative to `root`. */
export async function stageEntries(
  root: string,
  tree: string,
  entries: readonly Entry[],
): Promise<readonly InstalledFile[]> {
  await rm(tree, { recursive: true, force: true });
  await makeDirectory(tree);
  for (const directory of directoriesOf(entries)) await makeDirectory(join(tree, directory));
  const files: InstalledFile[] = [];
  for (const entry of entries) {
    if (entry.kind === 'directory') await chmod(join(tree, entry.to), entry.mode);
    else files.push(await stageFile(root, tree, entry));
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** A file of DEBIAN/: 0755 for what dpkg runs, 0644 for what it reads. */
export async function stageControl(
  tree: string,
  name: string,
  text: string,
  mode: 0o644 | 0o755,
): Promise<void> {
  await makeDirectory(join(tree, 'DEBIAN'));
  await writeWithMode(join(tree, 'DEBIAN', name), Buffer.from(text), mode);
}

async function stageFile(
  root: string,
  tree: string,
  entry: Entry & { kind: 'file' },
): Promise<InstalledFile> {
  const { content } = entry;
  const plain =
    content.kind === 'copy' ? await readFile(join(root, content.from)) : Buffer.from(content.text);
  const data = entry.isCompressed ? gzipSync(plain, { level: 9 }) : plain;
  await writeWithMode(join(tree, entry.to), data, entry.mode);
  return { path: entry.to, md5: createHash('md5').update(data).digest('hex'), bytes: data.length };
}

/** The mode is set afterwards: the one given at creation passes through the umask. */
async function writeWithMode(path: string, data: Buffer, mode: number): Promise<void> {
  await writeFile(path, data);
  await chmod(path, mode);
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}
