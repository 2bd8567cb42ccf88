/** The `bench` program: opens a bed, measures what was named, prints a table, writes JSON. */
import { writeFile } from 'node:fs/promises';
import { openBed, type Bed } from '../bed/bed.js';
import { measureActivator } from './activator-memory.js';
import { parseCommandLine, usage, type Name } from './command-line.js';
import { measureFirstConnections, prepareFirstConnections } from './first-connection.js';
import { measureGenerator } from './generator.js';
import { describeMachine } from './machine.js';
import { renderResults, type Result } from './table.js';

function report(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

async function measure(bed: Bed, name: Name, rounds: number): Promise<readonly Result[]> {
  switch (name) {
    case 'rails':
      await prepareFirstConnections(bed, report);
      return measureFirstConnections(bed, rounds, report);
    case 'generator':
      report('timing the generator');
      return measureGenerator(bed, rounds);
    case 'activator':
      return measureActivator(bed);
  }
}

/** How many times as long the others take, by the medians. */
function ratios(results: readonly Result[]): Readonly<Record<string, number>> {
  const median = (name: string): number | undefined =>
    results.find((result) => result.name === name)?.summary.median;
  const restored = median('restored');
  if (restored === undefined) return {};
  return Object.fromEntries(
    ['cold', 'bootsnap'].map((name) => [`${name} / restored`, (median(name) ?? NaN) / restored]),
  );
}

async function run(names: readonly Name[], rounds: number, json: string | undefined): Promise<void> {
  const bed = await openBed({ report });
  const interrupted = (): void => {
    void bed.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const machine = await describeMachine(bed);
    const results: Result[] = [];
    for (const name of names) results.push(...(await measure(bed, name, rounds)));
    const compared = ratios(results);
    const facts = Object.entries(machine).map(([key, value]) => `${key.padEnd(10)}${value}\n`);
    const lines = Object.entries(compared).map(([name, ratio]) => `${name} = ${ratio.toFixed(1)}\n`);
    process.stdout.write(`${facts.join('')}\n${renderResults(results)}\n${lines.join('')}`);
    if (json !== undefined) {
      const text = JSON.stringify({ machine, rounds, results, ratios: compared }, null, 2);
      await writeFile(json, `${text}\n`);
      report(`every sample is in ${json}`);
    }
  } finally {
    await bed.close();
  }
}

const request = parseCommandLine(process.argv.slice(2));
switch (request.kind) {
  case 'help':
    process.stdout.write(usage);
    break;
  case 'wrong':
    process.stderr.write(`bench: ${request.why}\n${usage}`);
    process.exitCode = 2;
    break;
  case 'run':
    await run(request.names, request.rounds, request.json);
    break;
}
