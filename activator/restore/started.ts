// Which release came up at a start: known while the start is reported, and written down for an activator that begins
// later. The launcher does not know it of a cold boot.

import { mkdir, readFile } from 'node:fs/promises';
import type { Release } from '../release/release-id.js';
import { replaceFile } from '../store/durable-file.js';
import type { Outcome } from './outcome.js';

const home = '/run/grenadine';

export async function rememberStarted(
  name: string,
  { realtimeUs }: Outcome,
  release: Release,
  runDirectory = home,
): Promise<void> {
  await mkdir(`${runDirectory}/started`, { recursive: true, mode: 0o700 });
  await replaceFile(`${runDirectory}/started/${name}`, `${JSON.stringify({ realtimeUs, release })}\n`);
}

/** undefined unless it was written down of that very start. */
export async function recallStarted(
  name: string,
  { realtimeUs }: Outcome,
  runDirectory = home,
): Promise<Release | undefined> {
  const text = await readFile(`${runDirectory}/started/${name}`, 'utf8').catch(() => '{}');
  const found = readObject(text);
  return found.realtimeUs === realtimeUs ? readRelease(found.release) : undefined;
}

function readRelease(value: unknown): Release | undefined {
  const { id, path, target } = asObject(value);
  const isText = (one: unknown): one is string | undefined => one === undefined || typeof one === 'string';
  return typeof id === 'string' && isText(path) && isText(target) ? { id, path, target } : undefined;
}

interface Written {
  readonly realtimeUs?: unknown;
  readonly release?: unknown;
  readonly id?: unknown;
  readonly path?: unknown;
  readonly target?: unknown;
}

function readObject(text: string): Written {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Written {
  return typeof value === 'object' && value !== null ? value : {};
}
