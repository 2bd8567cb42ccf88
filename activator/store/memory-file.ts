// The file that memory is mapped from: how it is called, and what it looks like. Pure.
//
// While a snapshot is restored the launcher has its images mounted at one fixed place, in the application's own mount
// namespace: so the images can name the file before the snapshot has a name itself, and a later dump of the restored
// application finds it under the same one. INVARIANT: a name is given once, for a later snapshot of the same application
// holds the files of the earlier one beside its own.

/** native/paths.h has it, too. */
const memoryDirectory = '/run/grenadine/memory';

/** CRIU lets others read its images; in the application's namespace this one is closed to it by itself, too. */
export const memoryFileMode = 0o600;

/**
 * A hole at its end that nobody maps, so that nobody comes to the end: mremap(2) lets a mapping grow further into its
 * file, and beyond the end of that is SIGBUS. realloc(3) of glibc does that. As large as no memory is.
 */
export const memoryFileTailBytes = 2 ** 40;

/** `token`: anything that was never used before, in hex; `pages` the number of the pages image. */
export function newMemoryFileName(token: string, pages: number): string {
  return `mapped-${token}-${pages}.img`;
}

export function memoryFilePath(name: string): string {
  return `${memoryDirectory}/${name}`;
}

/** The name in criu/ of a file that a dump names by its path; undefined when it is another file. */
export function memoryFileName(path: string): string | undefined {
  const name = path.startsWith(`${memoryDirectory}/`) ? path.slice(memoryDirectory.length + 1) : '';
  return isMemoryFile(name) ? name : undefined;
}

export function isMemoryFile(name: string): boolean {
  return /^mapped-[0-9a-f]+-[0-9]+\.img$/.test(name);
}
