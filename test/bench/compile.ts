/** The C programs of the bench, compiled in the bed, where they run. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

/** What each is made of besides its own PROGRAM.c, and what it is linked to. */
const programs = {
  'crowd-answers': [],
  'first-answer': ['ask.c', 'command.c'],
  'first-byte': ['ask.c'],
  'page-cache': [],
  activate: ['ask.c', 'command.c', '-lsystemd'],
} as const;

type Program = keyof typeof programs;

export function programPath(program: Program): string {
  return `/usr/local/bin/${program}`;
}

export async function compile(bed: Bed, program: Program): Promise<void> {
  const words = [`${program}.c`, ...programs[program]];
  const inputs = words.map((word) => (word.endsWith('.c') ? `/src/test/bench/${word}` : word));
  await inBed(bed, 'gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', programPath(program), ...inputs);
}
