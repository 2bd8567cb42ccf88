/** What the tests of mapped memory share: settings beside the installed ones, and what became of the memory. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { firstConnection } from './application.js';
import { jsonRow } from './grenadine.js';
import { fetchFrom } from './http-client.js';
import { onlyChild } from './process-tree.js';
import { mainPid } from './systemctl.js';

/** Of the snapshot that the application came up from. */
export async function memoryOf(name: string): Promise<readonly [kind: unknown, why: string]> {
  const { memory, 'memory-why': why } = await jsonRow('why', name);
  return [memory, String(why)];
}

/** A program that looks after its memory, and answers a line. */
export interface Program {
  readonly name: string;
  readonly address: string;
}

export async function ask({ address }: Program, path: string): Promise<string> {
  const { body } = await fetchFrom(address, path);
  return body.trimEnd();
}

/** The answer to a first connection, to an application that came up by a restore. */
export async function askRestored({ name, address }: Program, path: string): Promise<string> {
  const { answer, outcome } = await firstConnection(name, address, path);
  assert.equal(outcome.how, 'restored', outcome.detail);
  return answer.body.trimEnd();
}

/** How much of the running application is mapped from a snapshot at this moment. */
export async function mappedBytes({ name }: Program): Promise<number> {
  const maps = await readFile(`/proc/${await onlyChild(await onlyChild(await mainPid(name)))}/maps`, 'utf8');
  const ranges = maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) .* \/run\/grenadine\/memory\/mapped-/gm);
  return [...ranges].reduce((sum, [, from = '', to = '']) => sum + parseInt(to, 16) - parseInt(from, 16), 0);
}
