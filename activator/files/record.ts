// What a manifest says of the files of a fresh dump: what CRIU recorded, what lies at their paths at that moment, and by
// which other names they are known there.

import { readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GrenadineError } from '../../generator/config/error.js';
import type { ImageFacts } from '../images/edit-images.js';
import type { ManifestFile } from '../store/manifest.js';
import { buildIdAt } from './build-id.js';
import { statIfThere } from './stat-if-there.js';

type DumpedFile = ImageFacts['files'][number];

/**
 * `superseded` when a library or executable at its path is another build than the one that was dumped: the processes run
 * what was installed before, and a snapshot of them would be taken for one of what is installed now.
 */
export async function recordFiles({
  files,
  loosened,
}: Pick<ImageFacts, 'files' | 'loosened'>): Promise<readonly ManifestFile[]> {
  const isLoose = new Set(loosened);
  const recorded: ManifestFile[] = [];
  for (const file of files) recorded.push(await recordFile(file, isLoose.has(file.path)));
  return [...recorded, ...(await linksTo(recorded))].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/**
 * libssl.so.3, python3: the links beside a program or library that lead to it, each as a file like the one that it leads
 * to. A cold boot goes by these names, and after an upgrade they may lead elsewhere while the old file stays. A link that
 * ends in .so is for compilers.
 */
async function linksTo(files: readonly ManifestFile[]): Promise<readonly ManifestFile[]> {
  const programs = new Map(
    files
      .filter(({ use, buildId }) => use === 'code' && buildId !== undefined)
      .map((file) => [file.path, file]),
  );
  const links: ManifestFile[] = [];
  for (const directory of new Set([...programs.keys()].map(dirname))) {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isSymbolicLink() || entry.name.endsWith('.so')) continue;
      const path = join(directory, entry.name);
      const program = programs.get(await realpath(path).catch(() => ''));
      if (program !== undefined) links.push({ ...program, path });
    }
  }
  return links;
}

async function recordFile(file: DumpedFile, isLoose: boolean): Promise<ManifestFile> {
  const found = await statIfThere(file.path);
  const isOther = file.use === 'code' && found?.isFile() === true && (await isOtherBuild(file, found.size));
  if (isOther && file.buildId !== undefined)
    throw new GrenadineError(
      'superseded',
      `${file.path} has been replaced since the processes that were dumped came up`,
    );
  // A private mapping keeps its expectation, whoever else writes to the file.
  const mayChange = isLoose && file.use !== 'code';
  return {
    ...file,
    size: mayChange ? undefined : file.size,
    // What was mapped beyond the end of the file cannot be missed.
    mappedEnd: mayChange ? lesser(file.mappedEnd, file.size) : file.mappedEnd,
    // What was mapped lies at no path any more: CRIU carries it along, and nobody need look for it.
    mtimeSec: found === undefined || isOther ? undefined : Math.floor(found.mtimeMs / 1000),
  };
}

function lesser(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? one : Math.min(one, other);
}

async function isOtherBuild({ path, size, buildId }: DumpedFile, sizeNow: number): Promise<boolean> {
  if (size !== undefined && size !== sizeNow) return true;
  const now = buildId === undefined ? undefined : await buildIdAt(path);
  return now !== undefined && now !== buildId;
}
