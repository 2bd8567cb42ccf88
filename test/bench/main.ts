/** The `bench` program: opens a bed, asks what was named, in rounds, prints tables, writes JSON. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBed, type Bed } from '../bed/bed.js';
import { activator } from './activator.js';
import { applicationQuestion } from './applications.js';
import { clones } from './clones.js';
import { parseCommandLine, usage, type Name, type Request } from './command-line.js';
import { deployment } from './deployment.js';
import { disk } from './disk.js';
import { fallback } from './fallback.js';
import { firstConnection } from './first-connection.js';
import { generator } from './generator.js';
import { growth } from './growth.js';
import { describeMachine, type Machine } from './machine.js';
import { load } from './load.js';
import { openssl } from './openssl.js';
import { outside } from './outside.js';
import { peerQuestion } from './peers.js';
import { drawAnswer } from './plot.js';
import type { Question, Sample } from './question.js';
import { awaitRest } from './rest.js';
import { answerQuestion, type Answer } from './results.js';
import { rollback } from './rollback.js';
import { renderRatios, renderResults } from './table.js';
import { throughput } from './throughput.js';

const questions: Readonly<Record<Name, Question>> = {
  peers: peerQuestion,
  rails: firstConnection,
  disk,
  applications: applicationQuestion,
  rollback,
  deploy: deployment,
  generator,
  activator,
  growth,
  clones,
  throughput,
  load,
  outside,
  fallback,
  openssl,
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
      if (!(await awaitRest())) report(`the machine does not come to rest before ${question.name}`);
      const said = await question.round(bed);
      samples.get(question.name)?.push(...said);
      const figures = said.map(
        (sample) => `${sample.row} ${'value' in sample ? sample.value.toFixed(1) : '-'}`,
      );
      report(`round ${round} of ${rounds}, ${question.name}: ${figures.join(', ')}`);
    }
  }
  return asked.map((question) => answerQuestion(question, samples.get(question.name) ?? []));
}

function print({ title, note, results, ratios }: Answer): void {
  const said = note === '' ? '' : `${note}\n`;
  process.stdout.write(`\n${title}\n${renderResults(results)}${renderRatios(ratios)}${said}`);
}

async function draw(answers: readonly Answer[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const answer of answers) await writeFile(join(folder, `${answer.name}.svg`), drawAnswer(answer));
  report(`the plots are in ${folder}`);
}

/** In the order of the questions, each bed after the other: those that need one of their own come by themselves. */
function bedsOf(asked: readonly Question[]): readonly (readonly Question[])[] {
  const shared = asked.filter(({ ownBed }) => ownBed !== true);
  const single = asked.filter(({ ownBed }) => ownBed === true);
  return [...(shared.length === 0 ? [] : [shared]), ...single.map((question) => [question])];
}

async function askInBed(
  asked: readonly Question[],
  rounds: number,
): Promise<{ readonly machine: Machine; readonly answers: readonly Answer[] }> {
  const hasNetwork = asked.some(({ needsNetwork }) => needsNetwork === true);
  const bed = await openBed({ report, hasNetwork });
  const interrupted = (): void => {
    void bed.close().finally(() => process.exit(130));
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    return { machine: await describeMachine(bed), answers: await ask(bed, asked, rounds) };
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await bed.close();
  }
}

async function run({ names, rounds, json, plots }: Extract<Request, { kind: 'run' }>): Promise<void> {
  const asked = names.map((name) => questions[name]);
  const answers: Answer[] = [];
  let machine: Machine = {};
  for (const together of bedsOf(asked)) {
    const said = await askInBed(together, rounds);
    answers.push(...said.answers);
    // The load is that before the first round of all.
    machine = { ...said.machine, ...machine };
  }
  const facts = Object.entries(machine).map(([key, value]) => `${key.padEnd(10)}${value}\n`);
  process.stdout.write(facts.join(''));
  for (const answer of answers) print(answer);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ machine, rounds, answers }, null, 2)}\n`);
    report(`every sample is in ${json}`);
  }
  if (plots !== undefined) await draw(answers, plots);
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
    await run(request);
    break;
}
