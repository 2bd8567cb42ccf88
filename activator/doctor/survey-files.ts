// The files of a dump by use, and those that were deleted while open. Pure.

import { regularFiles, type RegularFile } from '../images/file-records.js';
import type { ImageFile } from '../images/image-file.js';
import { inspectDump, type DumpImages } from '../images/inspect.js';
import { remap, remapGhost } from '../images/schema.js';
import { getUint } from '../images/wire.js';
import { counted, held, type Finding } from './finding.js';

/** Rows of their own for that many of one use; the rest is counted. */
const mostRows = 10;

export function surveyFiles(
  images: DumpImages & { readonly remaps: ImageFile | undefined },
  ghostLimitBytes: number,
): readonly Finding[] {
  const ghosts = ghostIds(images.remaps);
  const isGhost = new Set(
    regularFiles(images.files, images.mms)
      .filter(({ id }) => ghosts.has(id))
      .map(({ path }) => path),
  );
  const { files } = inspectDump(images);
  const pathsOf = (use: (typeof files)[number]['use']): readonly string[] =>
    files.filter((file) => file.use === use && !isGhost.has(file.path)).map(({ path }) => path);
  return [
    ...count(
      'code',
      pathsOf('code'),
      'mapped; when one is replaced, the snapshot is stale and a new one is made',
    ),
    ...count('file', pathsOf('read'), 'open for reading; a restore fails where its size has changed'),
    ...each('written file', pathsOf('written'), 'opened again as it is then, at the old place'),
    ...each('shared file', pathsOf('shared'), 'mapped again as it is then; it must not have become shorter'),
    ...ghostFindings(images, ghosts, ghostLimitBytes),
  ];
}

function count(holds: string, paths: readonly string[], handling: string): readonly Finding[] {
  return paths.length === 0 ? [] : [held(holds, counted(paths.length, 'file'), handling)];
}

function each(holds: string, paths: readonly string[], handling: string): readonly Finding[] {
  const rest = paths.length - mostRows;
  return [
    ...paths.slice(0, mostRows).map((path) => held(holds, path, handling)),
    ...(rest > 0 ? [held(holds, `${rest} more`, handling)] : []),
  ];
}

/** The ids of the records that are remapped to a ghost: criu/files-reg.c, dump_ghost_remap(). */
function ghostIds(remaps: ImageFile | undefined): ReadonlySet<number> {
  return new Set(
    (remaps?.entries ?? [])
      .filter((entry) => getUint(entry, remap.remap_type) === remapGhost)
      .map((entry) => getUint(entry, remap.orig_id) ?? -1),
  );
}

function ghostFindings(
  images: DumpImages,
  ghosts: ReadonlySet<number>,
  limitBytes: number,
): readonly Finding[] {
  const limit = Math.round(limitBytes / 1024);
  const kib = ({ size }: RegularFile): string =>
    size === undefined ? '' : `, ${Math.ceil(size / 1024)} KiB`;
  return regularFiles(images.files, images.mms)
    .filter(({ id }) => ghosts.has(id))
    .map((file) =>
      held(
        'deleted file',
        `${file.path}${kib(file)}`,
        `part of the snapshot, as it is not larger than GhostLimit= (${limit} KiB)`,
      ),
    );
}
