// Finds random numbers that two restores of one snapshot have in common, by what they answered. Pure: knows text, not
// what an application does with it. What is found here is not kept: the next start may give out the same.

/** What one request was answered. Those to the same request follow each other in the order in which they were sent. */
export interface Answer {
  /** `GET /path`. */
  readonly request: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface RepeatedToken {
  /** Where it stood, in words: `Set-Cookie: sid of GET /`. */
  readonly place: string;
  readonly characters: number;
}

/** Base64 in both of its alphabets, hexadecimal, decimal and UUIDs; what is shorter nobody takes for a secret. */
export const token = /[A-Za-z0-9+/=_-]{8,}/g;
const leastCharacters = 8;
/** What a random number is joined with, to a time for one, by which the whole would be unique. */
export const joint = /[-_/+=]/;

/** They follow from the clock, or from the body, where it is looked for itself. */
const derivedHeaders = new Set([
  ...['date', 'age', 'expires', 'last-modified'],
  ...['etag', 'content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest'],
]);

/** Of one answer, for others wait meanwhile; words, of which a page may have more, are quickly told. */
const mostTokens = 1000;

/** Tokens that came up in one answer of each restore, and in no other of its answers to the same request. */
export function repeatedTokens(
  one: readonly Answer[],
  other: readonly Answer[],
  nowMs: number,
): readonly RepeatedToken[] {
  const others = drawnTokens(other, nowMs);
  return [...drawnTokens(one, nowMs)].flatMap(([place, drawn]) => {
    const there = freshOf(others.get(place) ?? []);
    const numbers = new Map(
      [...groupBy(drawn, shapeOf)].map(([shape, texts]) => [shape, texts.map(numbersIn)]),
    );
    const common = [...freshOf(drawn)].filter(
      (text) => there.has(text) && !isCounter(numbersIn(text), numbers.get(shapeOf(text)) ?? []),
    );
    return common.length === 0
      ? []
      : [{ place, characters: Math.max(...common.map(({ length }) => length)) }];
  });
}

/** By place, what may be random of all answers to one request; of each answer once. */
function drawnTokens(answers: readonly Answer[], nowMs: number): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...groupBy(answers, ({ request }) => request)].flatMap(([request, group]) => {
      // Alone, an answer does not tell what would vary.
      const texts = group.length < 2 ? [] : group.flatMap(textsOf);
      return [...groupBy(texts, ({ part }) => part)].map(
        ([part, found]) =>
          [`${part} of ${request}`, found.flatMap(({ text }) => tokensIn(text, nowMs))] as const,
      );
    }),
  );
}

export function tokensIn(text: string, nowMs: number): readonly string[] {
  const tokens = new Set<string>();
  for (const [whole] of text.matchAll(token)) {
    if (tokens.size >= mostTokens) break;
    for (const part of [whole, ...whole.split(joint)])
      if (part.length >= leastCharacters && !isWords(part) && !isTime(part, nowMs) && !isAddress(part))
        tokens.add(part);
  }
  return [...tokens];
}

/**
 * What stands in several answers of one restore was not drawn for one of them. Their order does not count: where several
 * processes answer, the same number may come in another of the answers.
 */
function freshOf(drawn: readonly string[]): ReadonlySet<string> {
  const [fresh, again] = [new Set<string>(), new Set<string>()];
  for (const text of drawn) (fresh.has(text) ? again : fresh).add(text);
  return new Set([...fresh].filter((text) => !again.has(text)));
}

export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

interface Text {
  readonly part: string;
  readonly text: string;
}

export function textsOf({ headers, body }: Answer): readonly Text[] {
  const inHeaders = headers.flatMap(([name, text]): readonly Text[] => {
    const lower = name.toLowerCase();
    if (derivedHeaders.has(lower)) return [];
    if (lower !== 'set-cookie') return [{ part: name, text }];
    const [, cookie = '', content = ''] = /^\s*([^=;]*)=([^;]*)/.exec(text) ?? [];
    return [{ part: `Set-Cookie: ${cookie}`, text: content }];
  });
  return [...inHeaders, { part: 'the body', text: body }];
}

// What varies from answer to answer, and may be the same in another restore, without being a secret.

/** A quotation of the day: letters as people write them. Random ones are of both cases, or have digits among them. */
function isWords(text: string): boolean {
  return words.test(text);
}

const words = /^(?:(?:[A-Z]?[a-z]{0,20}|[A-Z]{1,20}|[0-9]{1,4})(?:[-_/+=]|$))+$/;

const dayMs = 24 * 60 * 60 * 1000;

/** A date, or the time of these days since 1970 in s, ms, µs or ns: a restore that stands still gives an old one. */
function isTime(text: string, nowMs: number): boolean {
  if (/^(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:[0-2]\d|3[01])(?:T[\d-]*Z?)?$/.test(text)) return true;
  if (!/^\d{10,19}$/.test(text)) return false;
  return [1e-3, 1, 1e3, 1e6].some((perMs) => Math.abs(Number(text) / perMs - nowMs) < dayMs);
}

/** Of memory, as in `#<Object:0x00007f2b5c0a1d38>`: that is restored where it was. */
function isAddress(text: string): boolean {
  return /^0x[0-9A-Fa-f]{6,16}$/.test(text);
}

/** Two random numbers of eight digits are as near to each other as this once in five thousand times. */
const nextTo = 10_000;

/** One alike is the same but for a number, and that is near: orders, requests, PIDs of workers. */
export function isCounter(numbers: readonly number[], alike: readonly (readonly number[])[]): boolean {
  return alike.some((sibling) => {
    const distances = sibling.map((number, at) => Math.abs(number - (numbers[at] ?? 0)));
    const differing = distances.filter((distance) => distance > 0);
    return differing.length === 1 && differing.every((distance) => distance < nextTo);
  });
}

/** Equal of texts that differ in numbers only. */
export function shapeOf(text: string): string {
  return text.replace(/\d+/g, '#');
}

export function numbersIn(text: string): readonly number[] {
  return (text.match(/\d+/g) ?? []).map(Number);
}
