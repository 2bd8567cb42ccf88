// Reads untyped JSON field by field; every error carries the path of the bad value. Knows no particular document.

import { GrenadineError } from '../../generator/config/error.js';

/** An object's members and where it stands in the document. */
export interface Fields {
  readonly path: string;
  readonly values: ReadonlyMap<string, unknown>;
}

/** `value` as an object that has no member but `known`. */
export function objectAt(value: unknown, path: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'is no object');
  const members: readonly (readonly [string, unknown])[] = Object.entries(value);
  const unknown = members.find(([key]) => !known.includes(key));
  if (unknown !== undefined) throw wrong(`${path}.${unknown[0]}`, 'is unknown');
  return { path, values: new Map(members) };
}

function member(fields: Fields, key: string): { readonly value: unknown; readonly path: string } {
  return { value: fields.values.get(key), path: `${fields.path}.${key}` };
}

export function objectIn(fields: Fields, key: string, known: readonly string[]): Fields {
  const { value, path } = member(fields, key);
  return objectAt(value, path, known);
}

export function textIn(fields: Fields, key: string, pattern = /^/): string {
  const { value, path } = member(fields, key);
  if (typeof value !== 'string') throw wrong(path, 'is no string');
  if (!pattern.test(value)) throw wrong(path, `does not match ${pattern.source}`);
  return value;
}

/** A whole number from 0 to 2^53 - 1. */
export function numberIn(fields: Fields, key: string): number {
  const { value, path } = member(fields, key);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw wrong(path, 'is no whole number');
  return value;
}

export function booleanIn(fields: Fields, key: string): boolean {
  const { value, path } = member(fields, key);
  if (typeof value !== 'boolean') throw wrong(path, 'is neither true nor false');
  return value;
}

export function optionalIn<Value>(
  fields: Fields,
  key: string,
  read: (fields: Fields, key: string) => Value,
): Value | undefined {
  return fields.values.has(key) ? read(fields, key) : undefined;
}

export function wordIn<Word extends string>(fields: Fields, key: string, words: readonly Word[]): Word {
  const { value, path } = member(fields, key);
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw wrong(path, `is none of ${words.join(', ')}`);
  return word;
}

export function listIn<Item>(
  fields: Fields,
  key: string,
  read: (value: unknown, path: string) => Item,
): readonly Item[] {
  const { value, path } = member(fields, key);
  if (!Array.isArray(value)) throw wrong(path, 'is no list');
  const items: readonly unknown[] = value;
  return items.map((item, at) => read(item, `${path}[${at}]`));
}

/** Sorted keys, two blanks, a final newline: the same data is always the same bytes. `undefined` members are left out. */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), undefined, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members: readonly (readonly [string, unknown])[] = Object.entries(value);
  return Object.fromEntries(
    [...members].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, item]) => [key, sorted(item)]),
  );
}

function wrong(path: string, what: string): GrenadineError {
  return new GrenadineError('manifest-invalid', `${path.replace(/^\./, '')} ${what}`);
}
