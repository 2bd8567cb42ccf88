// The line syntax of a plan: known keys, each once unless it repeats, values by pattern. plan.ts gives them meaning.

import { GrenadineError } from '../../generator/config/error.js';

/** What a pattern's groups held; a group that took no part is undefined. */
type Groups = readonly (string | undefined)[];

export interface PlanLines {
  readonly match: (key: string, pattern: RegExp) => Groups;
  readonly optional: (key: string, pattern: RegExp) => Groups | undefined;
  readonly each: (key: string, pattern: RegExp) => readonly Groups[];
  readonly number: (key: string) => number;
  readonly optionalNumber: (key: string) => number | undefined;
}

const onceKeys = [
  ...['application', 'snapshot', 'configuration', 'kernel', 'criu', 'release', 'pid', 'pid-floor'],
  ...['stdout', 'stderr', 'memory', 'reuse', 'seed', 'deadline-ms'],
];
const repeatedKeys = ['listener', 'backlog', 'option', 'signal', 'after', 'user', 'file'];

export function parsePlanLines(text: string): PlanLines {
  const [first, ...lines] = text.split('\n');
  if (first !== 'grenadine-plan=1') throw invalid(`'${first ?? ''}' is no plan of this version`);
  if (lines.pop() !== '') throw invalid('the plan ends inside a line');
  const values = new Map<string, readonly string[]>();
  for (const line of lines) {
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(equals, 0));
    const known = values.get(key) ?? [];
    if (!onceKeys.includes(key) && !repeatedKeys.includes(key))
      throw invalid(`the plan has an unknown line '${line}'`);
    if (onceKeys.includes(key) && known.length > 0) throw invalid(`the plan has a second '${line}'`);
    values.set(key, [...known, line.slice(equals + 1)]);
  }
  return readerOf(values);
}

function readerOf(values: ReadonlyMap<string, readonly string[]>): PlanLines {
  const each = (key: string, pattern: RegExp): readonly Groups[] =>
    (values.get(key) ?? []).map((value) => {
      const found = pattern.exec(value);
      if (found === null) throw invalid(`the plan has a bad value '${key}=${value}'`);
      return found.slice(1);
    });
  const optional = (key: string, pattern: RegExp): Groups | undefined => each(key, pattern)[0];
  const match = (key: string, pattern: RegExp): Groups => {
    const groups = optional(key, pattern);
    if (groups === undefined) throw invalid(`the plan lacks ${key}=`);
    return groups;
  };
  const optionalNumber = (key: string): number | undefined => {
    const groups = optional(key, /^(\d{1,15})$/);
    return groups === undefined ? undefined : Number(groups[0]);
  };
  return { match, optional, each, optionalNumber, number: (key) => Number(match(key, /^(\d{1,15})$/)[0]) };
}

function invalid(message: string): GrenadineError {
  return new GrenadineError('plan-invalid', message);
}
