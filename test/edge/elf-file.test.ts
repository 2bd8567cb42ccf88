// What is read of ELF files, held to programs that are compiled here and to readelf's view of this machine's libc.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { readElf } from '../../activator/bake/elf-file.js';

const run = promisify(execFile);
let directory: string;

async function compile(name: string, source: string, ...options: readonly string[]): Promise<string> {
  const path = join(directory, name);
  await writeFile(`${path}.c`, source);
  await run('cc', ['-D_GNU_SOURCE', '-o', path, `${path}.c`, ...options]);
  return path;
}

const quiet = 'int main(void) { return 0; }\n';
const discards =
  '#include <sys/mman.h>\nint f(void *at) { return madvise(at, 4096, MADV_DONTNEED); }\nint main(void) { return f(0); }\n';

describe('of an ELF file is read', () => {
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grenadine-elf-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  test('that a program calls madvise, and that another does not', async () => {
    const names = async (path: string): Promise<boolean> =>
      (await readElf(path)).dynamicNames.includes('\0madvise\0');
    assert.equal(await names(await compile('discards', discards)), true);
    assert.equal(await names(await compile('discards.so', discards, '-shared', '-fPIC')), true);
    assert.equal(await names(await compile('quiet', quiet)), false);
  });

  test('that a program is linked statically', async () => {
    const of = async (path: string): Promise<boolean> => (await readElf(path)).hasInterpreter;
    assert.equal(await of(await compile('dynamic', quiet)), true);
    assert.equal(await of(await compile('static', quiet, '-static')), false);
    assert.equal(await of(await compile('static-pie', quiet, '-static-pie')), false);
  });

  test('who built it', async () => {
    assert.ok((await readElf(await compile('noted', quiet, '-Wl,--build-id'))).notes.includes('GNU'));
  });

  test('nothing when it is something else, or ends early', async () => {
    const cut = await compile('cut', quiet);
    await truncate(cut, 500);
    const text = join(directory, 'text');
    await writeFile(text, '#!/bin/sh\n'.repeat(20));
    for (const path of [cut, text]) await assert.rejects(readElf(path), { code: 'elf-unreadable' });
  });
});
