// What an application may be called. The name becomes a unit name, a directory and a D-Bus argument and is never escaped.

const LONGEST = 64;

/** Undefined for a good name, otherwise what is wrong with it, as the end of a sentence. */
export function faultOfName(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
    return `an application's name has lower-case letters, digits, '_' and '-' only and begins with a letter or digit`;
  }
  if (name.length > LONGEST) return `an application's name has at most ${LONGEST} characters`;
  if (name.endsWith('-bake'))
    return `names ending in '-bake' are those of the units in which snapshots are made`;
  return undefined;
}
