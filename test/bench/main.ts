/** The `bench` program: opens a bed, asks what was named, in rounds, prints tables, writes JSON. */
import { writeFile } from 'node:fs/promises';
import { openBed, type Bed } from '../bed/bed.js';
import { activatorMemory } from './activator-memory.js';
import { parseCommandLine, usage, type Name } from './command-line.js';
import { deployment } from './deployment.js';
import { firstConnection } from './first-connection.js';
import { generator } from './generator.js';
import { describeMachine } from './machine.js';
import type { Question, Sample } from './question.js';
import { answerQuestion, type Answer } from './results.js';
import { rollback } from './rollback.js';
import { renderResults } from './table.js';

const questions: Readonly<Record<Name, Question>> = {
  rails: firstConnection,
  rollback,
  deploy: deployment,
  generator,
  activator: activatorMemory,
};

function report(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

/** All questions in turns, a round of each, so that a slow minute of the machine hits all alike. */
async function ask(bed: Bed, asked: readonly Question[], rounds: number): Promise<readonly Answer[]> {
  for (const { name, prepare } of asked) {
    report(`preparing ${name}`);
    await prepare(bed);
  }
  const samples = new Map<string, Sample[]>(asked.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const question of asked) {
      const said = await question.round(bed);
      samples.get(question.name)?.push(...said);
      const figures = said.map(({ row, value }) => `${row} ${value.toFixed(1)}`);
      report(`round ${round} of ${rounds}, ${question.name}: ${figures.join(', ')}`);
    }
  }
  return asked.map((question) => answerQuestion(question, samples.get(question.name) ?? []));
}

function print({ title, results, ratios }: Answer): void {
  const lines = Object.entries(ratios).map(([name, ratio]) => `${name} = ${ratio.toFixed(1)}\n`);
  process.stdout.write(`\n${title}\n${renderResults(results)}${lines.join('')}`);
}

async function run(names: readonly Name[], rounds: number, json: string | undefined): Promise<void> {
  const bed = await openBed({ report });
  const interrupted = (): void => {
    void bed.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const machine = await describeMachine(bed);
    const answers = await ask(
      bed,
      names.map((name) => questions[name]),
      rounds,
    );
    const facts = Object.entries(machine).map(([key, value]) => `${key.padEnd(10)}${value}\n`);
    process.stdout.write(facts.join(''));
    for (const answer of answers) print(answer);
    if (json !== undefined) {
      await writeFile(json, `${JSON.stringify({ machine, rounds, answers }, null, 2)}\n`);
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
