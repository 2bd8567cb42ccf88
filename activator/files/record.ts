// What a manifest says of the files of a fresh dump: what CRIU recorded, and what lies at their paths at that moment.

import { stat } from 'node:fs/promises';
import { GrenadineError } from '../../generator/config/error.js';
import type { ImageFacts } from '../images/edit-images.js';
import type { ManifestFile } from '../store/manifest.js';
import { buildIdAt } from './build-id.js';

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
  return recorded;
}

async function recordFile(file: DumpedFile, isLoose: boolean): Promise<ManifestFile> {
  const found = await stat(file.path).catch(() => undefined);
  const isOther = file.use === 'code' && found?.isFile() === true && (await isOtherBuild(file, found.size));
  if (isOther && file.buildId !== undefined)
    throw new GrenadineError(
      'superseded',
      `${file.path} has been replaced since the processes that were dumped came up`,
    );
  return {
    ...file,
    // A private mapping keeps its expectation, whoever else writes to the file.
    size: isLoose && file.use !== 'code' ? undefined : file.size,
    // What was mapped lies at no path any more: CRIU carries it along, and nobody need look for it.
    mtimeSec: found === undefined || isOther ? undefined : Math.floor(found.mtimeMs / 1000),
  };
}

async function isOtherBuild({ path, size, buildId }: DumpedFile, sizeNow: number): Promise<boolean> {
  if (size !== undefined && size !== sizeNow) return true;
  const now = buildId === undefined ? undefined : await buildIdAt(path);
  return now !== undefined && now !== buildId;
}
