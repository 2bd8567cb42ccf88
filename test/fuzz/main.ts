/**
 * `npm run fuzz [NAME] [-- --minutes N] [--seed N] [--images DIR]`: runs one target or each, and says what it did. A finding
 * is left in build/fuzz/ and ends it with status 1. Without --seed each run has another.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import { imageTarget, keptDumps, readDumpFolder } from './image-target.js';
import { nativeNames, runNative } from './native-targets.js';
import type { AnyTarget, Figures } from './target.js';
import { textTargets } from './text-targets.js';

const folder = fileURLToPath(new URL('../../fuzz', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
    images: { type: 'string', multiple: true, default: [] },
  },
});
const milliseconds = Number(values.minutes) * 60_000;
const seed = Number(values.seed);

function chosen(): readonly AnyTarget[] {
  const images = imageTarget([...keptDumps(), ...values.images.map(readDumpFolder)]);
  return [...textTargets, images];
}

function describe(name: string, { runs, refused, slowestMs }: Figures): string {
  return `${name}: ${runs} inputs, ${refused} refused, the slowest took ${slowestMs.toFixed(1)} ms, seed ${seed}\n`;
}

async function main(): Promise<number> {
  const targets = chosen();
  const names = [...targets.map(({ name }) => name), ...nativeNames];
  const wanted = positionals.length === 0 ? names : positionals;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`fuzz: there is no '${unknown}'; there are ${names.join(', ')}\n`);
    return 2;
  }
  await mkdir(folder, { recursive: true });
  let status = 0;
  for (const { name, run } of targets.filter((one) => wanted.includes(one.name))) {
    const end = performance.now() + milliseconds;
    const figures = run({ seed, isOver: () => performance.now() >= end });
    process.stdout.write(describe(name, figures));
    if (figures.finding === undefined) continue;
    const path = join(folder, `finding-${name}-${seed}`);
    await writeFile(path, figures.finding.input);
    process.stdout.write(`${name}: FOUND, left in ${path}: ${inspect(figures.finding.error)}\n`);
    status = 1;
  }
  for (const name of nativeNames.filter((one) => wanted.includes(one)))
    if (!(await runNative(name, { seconds: Math.ceil(milliseconds / 1000), seed }))) status = 1;
  return status;
}

process.exitCode = await main();
