// Reads numbers, booleans, modes, time spans and sizes as systemd writes them. Knows no keys.
import { fault, value, type Parsed, type Parser } from './parsed.js';

export function parseNumber(least: number, most: number): Parser<number> {
  return (text) =>
    /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most
      ? value(Number(text))
      : fault(`takes a number from ${least} to ${most}, not '${text}'`);
}

/** The words of systemd.syntax(7), letter case aside. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (/^(1|y|yes|t|true|on)$/i.test(text)) return value(true);
  if (/^(0|n|no|f|false|off)$/i.test(text)) return value(false);
  return fault(`takes yes or no, not '${text}'`);
}

/** Kept as text: only systemd uses it. */
export function parseOctalMode(text: string): Parsed<string> {
  return /^0?[0-7]{3}$/.test(text) ? value(text) : fault(`takes an octal mode like 0660, not '${text}'`);
}

const spanUnits: ReadonlyMap<string, number> = new Map([
  ...['ms', 'msec'].map((unit) => [unit, 1] as const),
  ...['', 's', 'sec', 'second', 'seconds'].map((unit) => [unit, 1000] as const),
  ...['m', 'min', 'minute', 'minutes'].map((unit) => [unit, 60_000] as const),
  ...['h', 'hr', 'hour', 'hours'].map((unit) => [unit, 3_600_000] as const),
]);

/** What systemd itself would take, but nobody waits longer than that for an application. */
const LONGEST_SPAN_MS = 24 * 3_600_000;

/** Milliseconds of `5`, `5s`, `1min 30s`, `500ms`, `1.5s`: systemd.time(7) from milliseconds to hours, above zero. */
export function parseTimeSpanMs(text: string): Parsed<number> {
  const why = `takes a time span like 90, 90s, 1min 30s or 500ms, not '${text}'`;
  if (!/^(\d+(\.\d+)?\s*[a-z]*\s*)+$/.test(text)) return fault(why);
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)) {
    const factor = spanUnits.get(unit ?? '');
    if (factor === undefined) return fault(why);
    sum += Number(amount) * factor;
  }
  const ms = Math.round(sum);
  return ms >= 1 && ms <= LONGEST_SPAN_MS
    ? value(ms)
    : fault(`takes a time span from 1ms to 24h, not '${text}'`);
}

const sizeFactors: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
]);

/** Bytes of `4096`, `64M`, `1G`: powers of 1024. */
export function parseSizeBytes(text: string): Parsed<number> {
  const match = /^(\d{1,9})([KMG]?)$/.exec(text);
  const factor = sizeFactors.get(match?.[2] ?? '?');
  return match === null || factor === undefined
    ? fault(`takes a size like 4096, 64M or 1G, not '${text}'`)
    : value(Number(match[1]) * factor);
}
