/** Copies of one snapshot, under other ids and for other applications that run the same program: many without as many bakes. */
import { cp, link, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { renderManifest, snapshotId } from '../../../activator/store/manifest.js';
import { planSum } from '../../../activator/store/plan-sum.js';
import { readManifest } from '../../../activator/store/read-manifest.js';
import { mustRun } from '../run-command.js';
import { systemctl } from '../systemctl.js';

const root = '/var/lib/grenadine';

export interface Original {
  readonly name: string;
  readonly id: string;
}

export interface Copy {
  readonly name: string;
  /** The fingerprint of what it is started with. */
  readonly configuration: string;
  /** Older than the original by so much. */
  readonly byUs: number;
}

/** Answers the copy's id. Its images are the original's, by hard links; `current` leads to it where that is free. */
export async function copySnapshot({ name, id }: Original, copy: Copy): Promise<string> {
  const from = `${root}/${name}/snapshots/${id}`;
  const manifest = readManifest(await readFile(`${from}/manifest.json`, 'utf8'));
  const plan = (await readFile(`${from}/plan`, 'utf8'))
    .replace(/^application=.*$/m, `application=${copy.name}`)
    .replace(/^configuration=.*$/m, `configuration=${copy.configuration}`);
  const text = renderManifest({
    ...manifest,
    ...{ application: copy.name, configuration: copy.configuration },
    ...{ createdUs: manifest.createdUs - copy.byUs },
    planSha256: planSum(plan, id),
  });
  const copied = snapshotId(text);
  const home = `${root}/${copy.name}`;
  const to = `${home}/tmp/${copied}`;
  for (const folder of [`${to}/criu`, `${home}/snapshots`])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const image of await readdir(`${from}/criu`))
    await link(`${from}/criu/${image}`, `${to}/criu/${image}`);
  await writeFile(`${to}/manifest.json`, text, { mode: 0o600 });
  await writeFile(`${to}/plan`, plan.replace(/^snapshot=.*$/m, `snapshot=${copied}`), { mode: 0o600 });
  // Whole, as the activator publishes it: it may be looking, and would set half a snapshot aside.
  await rename(to, `${home}/snapshots/${copied}`);
  await symlink(`snapshots/${copied}`, `${home}/current`).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
  return copied;
}

/** Another application of the same program, at another address. Its units are there after the next daemon-reload. */
async function copyApplication(name: string, copy: string, address: string): Promise<void> {
  const file = `/etc/grenadine/apps/${copy}.conf`;
  await cp(`/etc/grenadine/apps/${name}.conf`, file);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^ListenStream=.*$/m, `ListenStream=${address}`));
}

/** What the generated unit says of it. */
export async function configurationOf(name: string): Promise<string> {
  const said = /--configuration=([0-9a-f]{16})/.exec(
    await mustRun(['systemctl', 'cat', `${name}.service`]),
  )?.[1];
  if (said === undefined) throw new Error(`${name}.service has no --configuration=`);
  return said;
}

/** NAME-1, NAME-2 and so on, asleep, on 127.0.0.1 from `port` on; answers their names. */
export async function copyApplications(
  original: Original,
  count: number,
  port: number,
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `${original.name}-${index + 1}`);
  for (const [index, name] of names.entries())
    await copyApplication(original.name, name, `127.0.0.1:${port + index}`);
  await systemctl('daemon-reload');
  for (const name of names)
    await copySnapshot(original, { name, configuration: await configurationOf(name), byUs: 1 });
  await systemctl('restart', 'grenadine-activator.service');
  await systemctl('start', ...names.map((name) => `${name}.socket`));
  return names;
}
