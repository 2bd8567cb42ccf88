// The files that systemd itself reads when it starts an application, EnvironmentFile= and credentials: what they held is
// in the memory of the processes from then on, so a snapshot is good while they hold the same.

import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { GrenadineError } from '../../generator/config/error.js';
import type { ManifestFile } from '../store/manifest.js';

/**
 * What a manifest says of them. `readMs` is when the unit was started, in ms since 1970: `superseded` if one has changed
 * since, for what the application has is not what is recorded then.
 */
export async function recordEnvironment(
  paths: readonly string[],
  readMs: number,
): Promise<readonly ManifestFile[]> {
  return Promise.all(paths.map((path) => recordOne(path, readMs)));
}

async function recordOne(path: string, readMs: number): Promise<ManifestFile> {
  const found = await stat(path).catch(() => undefined);
  const none = { size: undefined, mtimeSec: undefined, buildId: undefined, mappedEnd: undefined };
  if (found?.isFile() !== true) return { path, use: 'environment', ...none };
  if (found.ctimeMs > readMs)
    throw new GrenadineError(
      'superseded',
      `${path} has changed since the application that was dumped came up`,
    );
  const mtimeSec = Math.floor(found.mtimeMs / 1000);
  return {
    ...{ path, use: 'environment', size: found.size, mtimeSec },
    ...{ buildId: await digestAt(path), mappedEnd: undefined },
  };
}

/** systemd refuses a larger file (READ_FULL_BYTES_MAX); whose user makes it one without end keeps nobody busy. */
const mostBytes = 64 * 1024 * 1024;

/** SHA-256 of the beginning, in hex; undefined when the file cannot be read. */
export async function digestAt(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY).catch(
    () => undefined,
  );
  if (file === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ autoClose: false, end: mostBytes }))
      hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
