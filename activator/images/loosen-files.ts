// Drops what CRIU expects of the files that the application itself writes, and of no others. Pure.
//
// open_path in criu/files-reg.c refuses a file whose size or mode is not the dumped one. A database or a log grows
// between dump and restore, so that expectation goes, for every record of the file:
// - descriptors open for writing, and read-only descriptors of a file that is written elsewhere in the tree;
// - shared mappings of a description that may write (SQLite maps its database and its -shm so): such a file changes
//   under a living process too. What stays dangerous is that it shrinks below what is mapped (SIGBUS); the manifest
//   keeps `mappedEnd` so that this can be looked at before a restore.
// The expectation stays for private mappings and the executable, even of a file that is also written: code and data of
// the dumped process were computed from exactly those bytes, and a refused restore is only a cold boot.

import type { ImageFile } from './image-file.js';
import { regularFiles, type RegularFile } from './file-records.js';
import { fileEntry, regFile } from './schema.js';
import { getMessage, getUint, removeFields, setMessage } from './wire.js';

export interface Loosened {
  readonly files: ImageFile;
  /** The paths whose size and mode are no longer checked, each once. */
  readonly paths: readonly string[];
}

export function loosenFiles(files: ImageFile, mms: readonly ImageFile[]): Loosened {
  const records = recordsToLoosen(regularFiles(files, mms));
  const ids = new Set(records.map(({ id }) => id));
  const entries = files.entries.map((entry) => {
    const record = getMessage(entry, fileEntry.reg);
    if (record === undefined || !ids.has(getUint(record, regFile.id) ?? -1)) return entry;
    return setMessage(entry, fileEntry.reg, removeFields(record, regFile.size, regFile.mode));
  });
  return { files: { ...files, entries }, paths: [...new Set(records.map(({ path }) => path))] };
}

function recordsToLoosen(records: readonly RegularFile[]): readonly RegularFile[] {
  const written = new Set(records.filter(({ isWritten }) => isWritten).map(({ key }) => key));
  return records.filter(({ key, mapping }) => written.has(key) && mapping !== 'private');
}
