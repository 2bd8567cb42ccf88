// Writes words so that systemd reads them back as meant, in units and in the verbatim keys of `NAME.conf`. Pure; the
// other direction is unit-words.ts.

/** One word of a list that systemd splits, unquotes and expands specifiers in, such as RequiresMountsFor=. */
export function quoteWord(text: string): string {
  return quote(escapeSpecifiers(text));
}

/** One argument of ExecStart=, where systemd also expands variables. */
export function quoteArgument(text: string): string {
  return quote(escapeSpecifiers(text).replaceAll('$', '$$$$'));
}

export function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Quoted only where needed: these lines are read by people. */
function quote(text: string): string {
  if (/^[A-Za-z0-9_@:,./=~+%$[\]-]+$/.test(text)) return text;
  const escaped = text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replace(/[^\P{Cc}\t]/gu, (control) => escapeControl(control));
  return `"${escaped}"`;
}

function escapeControl(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
