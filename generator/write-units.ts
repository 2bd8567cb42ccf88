// Writes the units of one application into the generator's directory: all of them or none.
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GrenadineError } from './config/error.js';
import type { UnitFile } from './unit-file.js';

/**
 * systemd empties the directory before it runs generators, so a file that stands there is another generator's: it is
 * left as it is, and what was written for this application until then is taken back.
 */
export function writeUnits(directory: string, files: readonly UnitFile[]): void {
  const written: string[] = [];
  try {
    for (const file of files) {
      const path = join(directory, file.path);
      create(path, file);
      written.push(path);
    }
  } catch (cause) {
    for (const path of written) rmSync(path, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GrenadineError('unit-not-written', `Cannot write units to ${directory}/: ${why}.`, { cause });
  }
}

/** Exclusive: `wx` is O_CREAT|O_EXCL, and symlink(2) never replaces. A half-written file is removed. */
function create(path: string, file: UnitFile): void {
  switch (file.kind) {
    case 'link':
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      symlinkSync(file.target, path);
      return;
    case 'file':
      createFile(path, file.text);
      return;
  }
}

function createFile(path: string, text: string): void {
  const fd = openSync(path, 'wx', 0o644);
  try {
    writeFileSync(fd, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
