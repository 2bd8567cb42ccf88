// Whose discarded memory may come back with what was in it. Pure: what was read of the files is handed in.
//
// After madvise(MADV_DONTNEED) anonymous memory reads as zeros; a private mapping of a file shows the file again, and
// MADV_FREE fails there with EINVAL (madvise(2)). And memory that grows by mremap(2) grows into zeros, a mapping of a file
// into what follows in the file. A program that counts on zeros goes wrong when its memory is mapped. Whoever does so
// calls these functions, and a library that calls them has them among its dynamic names: what does not is safe, and of
// what does each is known by its sources, or it is not mapped.

import { basename } from 'node:path';
import type { ElfFile } from './elf-file.js';

/** A file with code of a process; `elf` is undefined when it could not be read. */
export interface CodeFile {
  readonly path: string;
  /** It is what the process executes, no library of it. */
  readonly isExecutable: boolean;
  readonly elf: ElfFile | undefined;
}

/** posix_madvise and process_madvise end alike. */
const calls = ['madvise', 'mremap'];

/** Those that do so without counting on zeros. */
const known: readonly RegExp[] = [
  // glibc trims and shrinks heaps and forgets what was there; calloc() clears what is not fresh from mmap(2) or brk(2);
  // realloc() promises nothing of what it adds.
  /^libc\.so\.6$/,
  // MADV_FREE for stacks of fibers, which may leave everything as it is; mremap() for an IO::Buffer that is resized.
  /^(ruby[\d.]*|libruby(-[\d.]+)?\.so(\.\d+)*)$/,
  // Only what a program does with an mmap object, which is shared memory unless it asks for something else.
  /^(python3(\.\d+)?|libpython3(\.\d+)?\.so(\.\d+)*|mmap\.cpython-.*\.so)$/,
  // HotSpot gives memory back by mapping anew over it, and asks madvise() only for huge pages and for memory to be there
  // at once; the heap of ZGC is shared memory. libnio advises on files that a program has mapped.
  /^lib(jvm|nio)\.so$/,
  // Advice on huge pages alone, and mremap() for a block that erealloc() lets grow, which promises nothing of what it adds.
  /^(php(-fpm|-cgi)?[\d.]*|libphp[\d.]*\.so|opcache\.so)$/,
  // MADV_DONTDUMP for what is secret.
  /^lib(crypto|sodium)\.so\.\d+(\.\d+)*$/,
  // Its database's mapping, which is shared.
  /^libsqlite3\.so(\.\d+)*$/,
  // posix_madvise(3), whose POSIX_MADV_DONTNEED does nothing in glibc.
  /^libpcre2-(8|16|32)\.so(\.\d+)*$/,
];

/** What jemalloc, tcmalloc and mimalloc alone export: one that is linked into a known program makes it an unknown one. */
const allocators = ['mallctl', 'tc_malloc', 'mi_malloc'];

/**
 * V8 counts on zeros where a resizable ArrayBuffer shrank. But it keeps all that it maps from children, and such memory
 * is not mapped (MappingRules); what is, is malloc's.
 */
const v8 = /^(node|nodejs|libnode\.so\.\d+)$/;

/**
 * The owner of a note in all that Go has linked. Go's runtime discards much, and clears whatever it hands out again, be
 * it discarded or not: it trusts only what its heap grows into (allocNeedsZero() in runtime/mheap.go of 1.24). But what a
 * program in Go asks the kernel for itself, with syscall.Madvise() or by number, no dynamic name tells.
 */
const go = 'Go';

/**
 * Why the memory of a process with these files must be copied, in an operator's words; undefined when it may be mapped.
 * `hasUninherited`: some of it is kept from children.
 */
export function whyCopied(files: readonly CodeFile[], hasUninherited: boolean): string | undefined {
  const isKnown = (name: string): boolean =>
    known.some((pattern) => pattern.test(name)) || (hasUninherited && v8.test(name));
  for (const { path, isExecutable, elf } of files) {
    if (elf === undefined) return `'${path}' cannot be read, so how it discards memory is not known`;
    if (elf.notes.includes(go)) return `'${path}' is written in Go, and asks the kernel by itself`;
    if (isExecutable && !elf.hasInterpreter)
      return `'${path}' is linked statically, so how it discards memory is not known`;
    const names = (wanted: readonly string[]): boolean =>
      wanted.some((one) => elf.dynamicNames.includes(`${one}\0`));
    if (names(allocators)) return `'${path}' brings or uses an allocator that may count on zeros`;
    if (names(calls) && !isKnown(basename(path)))
      return `'${path}' discards or moves memory, and may count on zeros there`;
  }
  return undefined;
}
