// Takes the opening of exposed files away from CRIU: it opens by path, as root, and follows links, so whoever may write
// to a directory would choose what the restored process holds. Each such file gets a name of its own in the images, where
// nothing lies; the launcher opens it with the rights of who held it, and hands it in under that name (--inherit-fd). What
// was deleted while open, and CRIU makes again for a moment, is moved to where only root may write. Pure.

import type { ExposedFile } from '../files/exposed.js';
import type { PlanFile } from '../store/plan.js';
import { openFlags, openingsOf, recordsOf, type PathRecord } from './exposed-openings.js';
import { mapsFile, type FileUse } from './file-uses.js';
import type { ImageFile } from './image-file.js';
import { fileEntry, mm, regFile, remap, remapGhost, vma } from './schema.js';
import {
  bytesField,
  encodeMessage,
  getMessage,
  getUint,
  setBytes,
  setMessage,
  setUint,
  type Message,
} from './wire.js';

/** EXPOSED_DIRECTORY in native/paths.h. */
const folder = '/run/grenadine/exposed';
export interface ExposedImages {
  readonly files: ImageFile;
  readonly remaps: ImageFile | undefined;
  /** mm-PID.img by file name. */
  readonly memories: ReadonlyMap<string, ImageFile>;
}

interface GuardedImages {
  readonly files: ImageFile;
  readonly memories: ReadonlyMap<string, ImageFile>;
  /** In the order of their names in the images. */
  readonly opened: readonly PlanFile[];
}

/** `exposed` by path; `deletedAt` names a place for a deleted file, by the id of its record and its old path. */
export function guardFiles(
  { files, remaps, memories }: ExposedImages,
  uses: readonly FileUse[],
  exposed: ReadonlyMap<string, ExposedFile>,
  deletedAt: (id: number, path: string) => string,
): GuardedImages {
  const remapTypes = new Map(
    (remaps?.entries ?? []).map((entry) => [
      getUint(entry, remap.orig_id),
      getUint(entry, remap.remap_type) ?? 0,
    ]),
  );
  const records = recordsOf(files).filter(({ path }) => exposed.has(path));
  const openings = openingsOf(
    records.filter(({ id }) => !remapTypes.has(id)),
    uses,
    exposed,
  );
  const names = new Map([
    ...records
      .filter(({ id }) => remapTypes.get(id) === remapGhost)
      .map(({ id, path }) => [id, deletedAt(id, path)] as const),
    ...openings.flatMap(({ record, isOriginal }, at) =>
      isOriginal ? [[record.id, `${folder}/${at}`] as const] : [],
    ),
  ]);
  const firstId = Math.max(0, ...files.entries.map((entry) => getUint(entry, fileEntry.id) ?? 0)) + 1;
  const moved = new Map<string, number>();
  const copies = openings.flatMap(({ record, isOriginal, file }, at) => {
    if (isOriginal) return [];
    const id = firstId + moved.size;
    moved.set(mappingKey(record.id, file.flags), id);
    return [copyOf(files, record, id, `${folder}/${at}`)];
  });
  return {
    files: { ...files, entries: [...files.entries.map((entry) => rename(entry, names)), ...copies] },
    memories: new Map([...memories].map(([name, image]) => [name, follow(image, moved)])),
    opened: openings.map(({ file }) => file),
  };
}

function mappingKey(id: number, flags: number): string {
  return `${id} ${flags}`;
}

function rename(entry: Message, names: ReadonlyMap<number, string>): Message {
  const message = getMessage(entry, fileEntry.reg);
  const name = message === undefined ? undefined : names.get(getUint(message, regFile.id) ?? -1);
  return message === undefined || name === undefined
    ? entry
    : setMessage(entry, fileEntry.reg, setBytes(message, regFile.name, Buffer.from(name)));
}

function copyOf(files: ImageFile, { id, message }: PathRecord, newId: number, name: string): Message {
  const entry = files.entries.find((candidate) => getUint(candidate, fileEntry.id) === id) ?? [];
  const copy = setBytes(setUint(message, regFile.id, newId), regFile.name, Buffer.from(name));
  return setMessage(setUint(entry, fileEntry.id, newId), fileEntry.reg, copy);
}

/** Areas whose file has a record of its own now. */
function follow(image: ImageFile, moved: ReadonlyMap<string, number>): ImageFile {
  if (moved.size === 0) return image;
  const entries = image.entries.map((entry) =>
    entry.map((field) => {
      if (field.number !== mm.vmas) return field;
      const [area] = [getMessage([field], mm.vmas) ?? []];
      const flags = (getUint(area, vma.fdflags) ?? 0) & openFlags;
      const id = mapsFile(area) ? moved.get(mappingKey(getUint(area, vma.shmid) ?? -1, flags)) : undefined;
      return id === undefined ? field : bytesField(mm.vmas, encodeMessage(setUint(area, vma.shmid, id)));
    }),
  );
  return { ...image, entries };
}
