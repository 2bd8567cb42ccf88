/** What of an application lies on disk, and that it is consistent: nothing half made, nothing left over. */
import assert from 'node:assert/strict';
import { readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { grenadine } from '../grenadine.js';
import { showUnit } from '../systemctl.js';

const run = '/run/grenadine';

function homeOf(name: string): string {
  return `/var/lib/grenadine/${name}`;
}

/** The id that `current` leads to, as the launcher sees it; undefined where there is none. */
export function currentOf(name: string): Promise<string | undefined> {
  return idBehind(`${homeOf(name)}/current`);
}

export function pinOf(name: string): Promise<string | undefined> {
  return idBehind(`${homeOf(name)}/pin`);
}

async function idBehind(link: string): Promise<string | undefined> {
  const target = await readlink(link).catch(() => undefined);
  return target === undefined ? undefined : basename(target);
}

/** Does it lie there why that snapshot is to serve no more, wherever that is by now? */
export async function hasReason(name: string, id: string): Promise<boolean> {
  const folders = ['snapshots', 'quarantine'].map((folder) => `${homeOf(name)}/${folder}/${id}`);
  const found = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return found.flat().includes('why');
}

export async function snapshotsOf(name: string): Promise<readonly string[]> {
  return (await readdir(`${homeOf(name)}/snapshots`).catch(() => [])).sort();
}

/** After a start of the activator, with no bake under way. */
export async function mustBeConsistent(name: string): Promise<void> {
  const home = homeOf(name);
  assert.deepEqual(await readdir(`${home}/tmp`), []);
  const entries = ['current', 'pin', 'quarantine', 'snapshots', 'tmp'];
  assert.deepEqual(
    (await readdir(home)).filter((entry) => !entries.includes(entry)),
    [],
  );
  const current = await currentOf(name);
  const snapshots = await snapshotsOf(name);
  assert.ok(current === undefined || snapshots.includes(current), `current leads to ${String(current)}`);
  const { status, stdout, stderr } = await grenadine('verify', name);
  assert.equal(status, 0, `${stdout}${stderr}`);
  const { MainPID, ControlGroup = '' } = await showUnit(`${name}-bake.service`);
  assert.deepEqual({ MainPID, ControlGroup }, { MainPID: '0', ControlGroup: '' });
  assert.deepEqual(await readdir(`${run}/scratch/${name}-bake`).catch(() => []), []);
  assert.deepEqual(
    (await readdir(`${run}/control`)).filter((socket) => socket.startsWith(`${name}-bake.`)),
    [],
  );
}
