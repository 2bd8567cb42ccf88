// Whose memory may be mapped: everybody who does not discard any, and those who are known to do without zeros.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { whyCopied, type CodeFile } from '../../activator/bake/discarded-memory.js';
import type { ElfFile } from '../../activator/bake/elf-file.js';

const asks = Buffer.from('\0free\0madvise\0');
const elf: ElfFile = { hasInterpreter: true, notes: ['GNU'], dynamicNames: Buffer.from('\0free\0malloc\0') };
const library = (path: string, change: Partial<ElfFile> = {}): CodeFile => ({
  path,
  isExecutable: false,
  elf: { ...elf, hasInterpreter: false, ...change },
});
const executable = (path: string, change: Partial<ElfFile> = {}): CodeFile => ({
  path,
  isExecutable: true,
  elf: { ...elf, ...change },
});
const libc = library('/usr/lib/x86_64-linux-gnu/libc.so.6', {
  dynamicNames: Buffer.from('\0posix_madvise\0'),
});

describe('memory may be mapped', () => {
  test('when nobody discards any but glibc', () => {
    assert.equal(whyCopied([executable('/srv/web'), libc, library('/usr/lib/libz.so.1')], false), undefined);
  });

  for (const path of [
    '/usr/bin/ruby3.3',
    '/usr/lib/x86_64-linux-gnu/libruby-3.3.so.3.3.14',
    '/opt/rubies/3.4/lib/libruby.so.3.4',
    '/usr/bin/python3.13',
    '/usr/bin/php8.4',
    '/usr/sbin/php-fpm8.4',
    '/usr/lib/php/20240924/opcache.so',
    '/usr/lib/x86_64-linux-gnu/libsodium.so.23.3.0',
    '/usr/lib/python3.13/lib-dynload/mmap.cpython-313-x86_64-linux-gnu.so',
    '/usr/lib/jvm/java-21-openjdk-amd64/lib/server/libjvm.so',
    '/usr/lib/jvm/java-21-openjdk-amd64/lib/libnio.so',
    '/usr/lib/x86_64-linux-gnu/libcrypto.so.3',
    '/usr/lib/x86_64-linux-gnu/libsqlite3.so.0.8.6',
    '/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0.14.0',
  ]) {
    test(`when ${path} discards some`, () => {
      assert.equal(whyCopied([executable(path, { dynamicNames: asks }), libc], false), undefined);
    });
  }
});

describe('memory of V8', () => {
  for (const path of ['/usr/bin/node', '/usr/lib/x86_64-linux-gnu/libnode.so.115']) {
    test(`in ${path} may be mapped only where it keeps its own from children`, () => {
      const files = [executable(path, { dynamicNames: asks }), libc];
      assert.equal(whyCopied(files, true), undefined);
      assert.match(whyCopied(files, false) ?? '', new RegExp(`^'${path}' `));
    });
  }
});

describe('memory of Go', () => {
  for (const hasInterpreter of [true, false]) {
    test(`is copied, and Go is named, in an executable that is linked ${hasInterpreter ? 'dynamically' : 'statically'}`, () => {
      const file = executable('/srv/web', { notes: ['GNU', 'Go'], hasInterpreter });
      assert.match(whyCopied([file], false) ?? '', /^'\/srv\/web' is written in Go/);
    });
  }
});

describe('memory is copied', () => {
  for (const [what, file] of [
    ['jemalloc', library('/usr/lib/x86_64-linux-gnu/libjemalloc.so.2', { dynamicNames: asks })],
    [
      'a Ruby that jemalloc is linked into',
      executable('/usr/bin/ruby', { dynamicNames: Buffer.from('\0mallctl\0') }),
    ],
    ['a library that nobody knows', library('/srv/gems/fast.so', { dynamicNames: asks })],
    [
      'a library that moves memory',
      library('/srv/gems/grow.so', { dynamicNames: Buffer.from('\0mremap\0') }),
    ],
    ['one that is only called like a known one', library('/srv/libruby_ext.so', { dynamicNames: asks })],
    ['the C library of musl', library('/lib/ld-musl-x86_64.so.1', { dynamicNames: asks })],
    ['a static executable', executable('/srv/web', { hasInterpreter: false })],
    ['a file that cannot be read', { path: '/srv/deleted.so', isExecutable: false, elf: undefined }],
  ] as const) {
    test(`for ${what}, which is named`, () => {
      assert.match(whyCopied([libc, file], false) ?? '', new RegExp(`^'${file.path}' `));
    });
  }
});
