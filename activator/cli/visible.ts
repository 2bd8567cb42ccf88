// What came from files, logs and applications may hold what a terminal obeys, such as the name of a file; it is shown,
// never sent. Pure.

/** In one line: each control character, of the second range (ECMA-48) too, becomes a question mark. */
export function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

/** JSON that says the same and holds no control character but line breaks: JSON.stringify() escapes those below the blank. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/[\x7f-\x9f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}\n`;
}
