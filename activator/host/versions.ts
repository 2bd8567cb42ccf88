// Versions as kernels, CRIU and systemd write them, compared by their leading numbers. Pure.

/** `6.18.44-fc` → [6, 18, 44], `257.9-1~deb13u1` → [257, 9]; empty where there is no number in front. */
function numbersOf(version: string): readonly number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '').split('.').filter(Boolean).map(Number);
}

/** Is `version` that of `least`, or a later one? `least` with two numbers stands for all that begin with them. */
export function isAtLeast(version: string, least: string): boolean {
  const wanted = numbersOf(least);
  const found = numbersOf(version);
  for (const [at, number] of wanted.entries()) {
    const own = found[at] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}
