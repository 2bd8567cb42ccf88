// The result of reading one value: the value, or why it is none. A value parser never throws and never logs.

export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  /** `why` is the end of a sentence that begins with the key: "takes a number from 1 to 9". */
  | { readonly kind: 'fault'; readonly why: string };

export type Parser<T> = (text: string) => Parsed<T>;

export function value<T>(value: T): Parsed<T> {
  return { kind: 'value', value };
}

export function fault(why: string): Parsed<never> {
  return { kind: 'fault', why };
}
