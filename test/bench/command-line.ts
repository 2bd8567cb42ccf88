/** The words of `npm run bench -- …`. Pure. */
import { parseArgs } from 'node:util';

/** `rails` is the part of `peers` that needs no network, and is asked for by name alone. */
const names = [
  ...['peers', 'rails', 'disk', 'applications', 'rollback', 'deploy', 'generator', 'activator'],
  ...['growth', 'clones', 'throughput', 'load', 'outside', 'fallback', 'openssl'],
] as const;
export type Name = (typeof names)[number];

export const usage = `Usage: npm run bench -- [NAME...] [--rounds N] [--json FILE] [--plots DIR]

  NAME          ${names.join(', ')};
                all but rails, a part of peers, when none is named
  --rounds N    how often each is measured, interleaved (default 11; for figures to be quoted at least that, for
                a p99 at least 50)
  --json FILE   also write every sample to FILE
  --plots DIR   also draw a plot for each question into DIR, as NAME.svg
`;

export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }
  | {
      readonly kind: 'run';
      readonly names: readonly Name[];
      readonly rounds: number;
      readonly json: string | undefined;
      readonly plots: string | undefined;
    };

export function parseCommandLine(words: readonly string[]): Request {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '11' },
        json: { type: 'string' },
        plots: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 1)
      return { kind: 'wrong', why: '--rounds takes a number from 1' };
    const unknown = positionals.find((word) => !names.some((name) => name === word));
    if (unknown !== undefined) return { kind: 'wrong', why: `there is no '${unknown}' to measure` };
    const chosen = names.filter((name) =>
      positionals.length === 0 ? name !== 'rails' : positionals.includes(name),
    );
    return { kind: 'run', names: chosen, rounds, json: values.json, plots: values.plots };
  } catch (error) {
    return { kind: 'wrong', why: error instanceof Error ? error.message : String(error) };
  }
}
