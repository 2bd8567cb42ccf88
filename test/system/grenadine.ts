/** The `grenadine` command as the tests use it. */
import { mustRun, runCommand, type CommandResult } from './run-command.js';

export type Json = Readonly<Record<string, unknown>>;

/** A bake boots, warms up, dumps and restores; on a busy machine Rails takes some ten seconds. */
const bakeTimeoutMs = 120_000;

export function grenadine(...words: readonly string[]): Promise<CommandResult> {
  return runCommand(['grenadine', ...words], bakeTimeoutMs);
}

/** Bakes and answers the id of the published snapshot. */
export async function bake(name: string): Promise<string> {
  const said = await mustRun(['grenadine', 'bake', name], bakeTimeoutMs);
  return snapshotIdIn(said);
}

export function snapshotIdIn(text: string): string {
  const id = /published snapshot ([0-9a-f]{12})$/m.exec(text)?.[1];
  if (id === undefined) throw new Error(`no snapshot was published: ${text}`);
  return id;
}

/** `list` and `list APP`. */
export async function jsonRows(...words: readonly string[]): Promise<readonly Json[]> {
  const value: unknown = JSON.parse(await mustRun(['grenadine', ...words, '--json']));
  if (!Array.isArray(value)) throw new Error(`grenadine ${words.join(' ')} --json printed no list`);
  return value.map(asJson);
}

/** `status APP` and `why APP`. */
export async function jsonRow(...words: readonly string[]): Promise<Json> {
  return asJson(JSON.parse(await mustRun(['grenadine', ...words, '--json'])));
}

function asJson(value: unknown): Json {
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new Error(`not an object: ${JSON.stringify(value)}`);
}
