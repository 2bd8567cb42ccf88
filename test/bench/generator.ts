/**
 * What the generator costs each boot and each daemon-reload, for systemd waits for it: by itself, and as the difference
 * that it makes to a daemon-reload, beside one with the generator masked. With no application it should cost nothing.
 */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { dissolveCrowd, layCrowd } from './crowd.js';
import type { Question, Sample } from './question.js';
import { awaitRest } from './rest.js';

const counts = [0, 1, 100] as const;
type Count = (typeof counts)[number];

const program = '/usr/lib/systemd/system-generators/grenadine-generator';
const mask = '/etc/systemd/system-generators/grenadine-generator';

/** Constant text with positional parameters: a command. Prints how many microseconds it takes. */
const timeScript = `set -e
start=$EPOCHREALTIME
"$@" >/dev/null
end=$EPOCHREALTIME
echo $((\${end/./} - \${start/./}))`;

async function timeInBed(bed: Bed, ...argv: readonly string[]): Promise<number> {
  // The activator reads all configuration again after each reload.
  await awaitRest();
  return Number(await inBed(bed, 'bash', '-c', timeScript, 'time', ...argv)) / 1000;
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const count of counts) {
    await layCrowd(bed, count);
    samples.push({ row: `generator-${count}`, value: await runAlone(bed, count) });
    samples.push(...(await reload(bed, count)));
    await dissolveCrowd(bed);
  }
  return samples;
}

async function runAlone(bed: Bed, count: Count): Promise<number> {
  const out = (await inBed(bed, 'mktemp', '--directory')).trim();
  const folders = ['normal', 'early', 'late'].map((name) => `${out}/${name}`);
  await inBed(bed, 'mkdir', ...folders);
  const ms = await timeInBed(bed, program, ...folders);
  const sockets = await inBed(bed, 'find', out, '-name', '*.socket', '-type', 'f');
  if (sockets.split('\n').length - 1 !== count) throw new Error(`not ${count} sockets: ${sockets}`);
  await inBed(bed, 'rm', '--recursive', out);
  return ms;
}

async function reload(bed: Bed, count: Count): Promise<readonly Sample[]> {
  await inBed(bed, 'ln', '-sfnT', '/dev/null', mask);
  // Unmeasured: takes the units of the count before away.
  await inBed(bed, 'systemctl', 'daemon-reload');
  const without = await timeInBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'rm', mask);
  const whole = await timeInBed(bed, 'systemctl', 'daemon-reload');
  return [
    { row: `reload-${count}-masked`, value: without },
    { row: `reload-${count}`, value: whole },
    { row: `reload-${count}-share`, value: whole - without },
  ];
}

const wordsOf = (count: Count): string => `${count} application${count === 1 ? '' : 's'}`;

export const generator: Question = {
  name: 'generator',
  title: 'The generator, at each boot and daemon-reload',
  note: 'The share holds what systemd does with the units, too; it runs its generators side by side.',
  rows: [
    ...counts.map((count) => ({
      ...{ name: `generator-${count}`, what: `the generator alone, ${wordsOf(count)}`, unit: 'ms' as const },
    })),
    ...counts.flatMap((count) =>
      [
        { name: `reload-${count}-masked`, what: `daemon-reload without it` },
        { name: `reload-${count}`, what: `daemon-reload, ${wordsOf(count)}` },
        { name: `reload-${count}-share`, what: `its share, ${wordsOf(count)}` },
      ].map((row) => ({ ...row, unit: 'ms' as const })),
    ),
  ],
  ratios: [],
  ownBed: true,
  prepare: async (bed) => {
    await inBed(bed, 'install', '-d', '/etc/grenadine/apps', '/etc/systemd/system-generators');
  },
  round,
};
