// The words of a command in one line, as the launcher takes them: between blanks, with %XX for a byte that would break
// the line or the word. An empty word is nothing between two blanks.

export function encodeWords(words: readonly string[]): string {
  return words.map((word) => word.replace(/[\p{Cc} %]/gu, encodeURIComponent)).join(' ');
}
