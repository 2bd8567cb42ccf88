/**
 * Memory of ten processes of one Rails application, each after twenty requests: ten restored from one snapshot beside
 * ten booted cold. An application has one unit, so the ten are that unit under ten other names, each with a socket of
 * its own; what they execute is what the application's unit executes, to the letter. When a snapshot's next garbage
 * collection falls due is chance, and decides how much is written to, so each round has a new one.
 */
import { bakeWhenAsked, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { memoryOf, type Memory } from './memory.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';
import { askTimes } from './requests.js';
import { bakeMapped } from './snapshot.js';

const name = 'rails-clones';
const port = 3026;
const requests = 20;
/** What %i is; the ports end so. */
const instances = ['10', '11', '12', '13', '14', '15', '16', '17', '18', '19'];

const kinds = [
  { row: 'clones', what: 'ten clones of one snapshot', unit: 'clone', ports: '31' },
  { row: 'clones-cold', what: 'ten cold boots', unit: 'clone-cold', ports: '32' },
] as const;
type Kind = (typeof kinds)[number];

const fields = [
  { field: 'pss', what: 'resident (PSS)' },
  { field: 'privateDirty', what: 'private and written' },
] as const;

const rowOf = ({ row }: Kind, field: (typeof fields)[number]['field']): string =>
  field === 'pss' ? row : `${row}-dirty`;

async function prepare(bed: Bed): Promise<void> {
  await bakeWhenAsked(bed);
  await layReleases(bed);
  await inBed(bed, ...flipArgv(name, 1, ['true']));
  await configureRails(bed, name, port);
  await bakeMapped(bed, name);
  await rename(bed, 'socket', [[/^ListenStream=.*$/m, `ListenStream=${kinds[0].ports}%i`]]);
  await rename(bed, 'service', [[new RegExp(`${name}\\.socket`, 'g'), 'clone@%i.socket']]);
  await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/bench/units/clone-cold@.* /etc/systemd/system/');
  await inBed(bed, 'systemctl', 'daemon-reload');
}

/** Writes the application's unit once more, as a template. */
async function rename(
  bed: Bed,
  type: 'socket' | 'service',
  changes: readonly (readonly [what: RegExp, into: string])[],
): Promise<void> {
  const text = await inBed(bed, 'systemctl', 'cat', `${name}.${type}`);
  const changed = changes.reduce((before, [what, into]) => before.replace(what, into), text);
  await bed.run(['tee', `/etc/systemd/system/clone@.${type}`], { input: changed });
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  // One kind after the other: what both kinds shared, a library's code, would be divided by twenty.
  for (const kind of kinds) samples.push(...(await measure(bed, kind)));
  await bakeMapped(bed, name);
  return samples;
}

async function measure(bed: Bed, kind: Kind): Promise<readonly Sample[]> {
  const units = instances.map((instance) => `${kind.unit}@${instance}`);
  const all = (type: string): readonly string[] => units.map((unit) => `${unit}.${type}`);
  await inBed(bed, 'systemctl', 'start', ...all('socket'));
  for (const [index, unit] of units.entries()) {
    await askTimes(bed, Number(`${kind.ports}${instances[index] ?? ''}`), '/articles', requests);
    if (kind.row === 'clones') await mustBeClone(bed, `${unit}.service`);
  }
  const memories: Memory[] = [];
  for (const service of all('service')) memories.push(await memoryOf(bed, service));
  await inBed(bed, 'systemctl', '--quiet', 'stop', ...all('socket'), ...all('service'));
  return fields.map(({ field }) => ({
    row: rowOf(kind, field),
    value: memories.reduce((sum, memory) => sum + memory[field], 0),
  }));
}

/** The outcome file is one for all of them; what each has told systemd is its own. */
async function mustBeClone(bed: Bed, service: string): Promise<void> {
  await inBed(bed, 'systemctl', 'start', service);
  const said = await inBed(bed, 'systemctl', 'show', '--property=StatusText', '--value', service);
  if (!said.startsWith('Restored from snapshot')) throw new Error(`${service} was not restored: ${said}`);
}

export const clones: Question = {
  name: 'clones',
  title: 'Memory of ten processes of one Rails application, each after twenty requests',
  note: 'All processes of the ten units together, launchers and inits included.',
  rows: fields.flatMap(({ field, what }) =>
    kinds.map((kind) => ({ name: rowOf(kind, field), what: `${kind.what}, ${what}`, unit: 'MiB' }) as const),
  ),
  ratios: [
    ['clones', 'clones-cold'],
    ['clones-cold', 'clones'],
  ],
  prepare,
  round,
};
