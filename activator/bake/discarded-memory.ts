// Whose discarded memory may come back with what was in it. Pure: what was read of the files is handed in.
//
// After madvise(MADV_DONTNEED) anonymous memory reads as zeros; a private mapping of a file shows the file again, and
// MADV_FREE fails there with EINVAL (madvise(2)). A program that counts on the zeros goes wrong when its memory is
// mapped. Whoever discards memory calls madvise, and a library that calls it names it among its dynamic names: what does
// not is safe, and of what does each is known by its sources, or it is not mapped.

import { basename } from 'node:path';
import type { ElfFile } from './elf-file.js';

/** A file with code of a process; `elf` is undefined when it could not be read. */
export interface CodeFile {
  readonly path: string;
  /** It is what the process executes, no library of it. */
  readonly isExecutable: boolean;
  readonly elf: ElfFile | undefined;
}

/** Those that discard memory and do without zeros. */
const known: readonly RegExp[] = [
  // glibc trims and shrinks heaps and forgets what was there; calloc() clears what is not fresh from mmap(2) or brk(2).
  /^libc\.so\.6$/,
  // V8 writes a page's header anew, and zaps or clears what it hands out.
  /^(node|nodejs|libnode\.so\.\d+)$/,
  // Stacks of fibers are written before they are read.
  /^(ruby[\d.]*|libruby(-[\d.]+)?\.so(\.\d+)*)$/,
  // Only what a program does by mmap.madvise(), with mappings of its own.
  /^(python3(\.\d+)?|libpython3(\.\d+)?\.so(\.\d+)*|mmap\.cpython-.*\.so)$/,
  // MADV_DONTDUMP for the secure heap.
  /^libcrypto\.so\.\d+$/,
  // posix_madvise(3), whose POSIX_MADV_DONTNEED does nothing in glibc.
  /^libpcre2-(8|16|32)\.so(\.\d+)*$/,
];

/** Why the memory of a process with these files must be copied, in an operator's words; undefined when it may be mapped. */
export function whyCopied(files: readonly CodeFile[]): string | undefined {
  for (const { path, isExecutable, elf } of files) {
    if (elf === undefined) return `'${path}' cannot be read, so how it discards memory is not known`;
    if (isExecutable && !elf.hasInterpreter)
      return `'${path}' is linked statically, so how it discards memory is not known`;
    if (elf.notes.includes('Go')) return `'${path}' is written in Go, and asks the kernel by itself`;
    if (elf.dynamicNames.includes('madvise\0') && !known.some((name) => name.test(basename(path))))
      return `'${path}' discards memory, and may count on zeros there`;
  }
  return undefined;
}
