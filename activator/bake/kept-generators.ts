// Which random generators a dump is known to bring back as they were, by the files with code that its processes had
// mapped. Pure.

/** Ours, which keeps nothing. */
const ours = /\/grenadine-rand\.so$/;
/** Those that load no providers: OpenSSL before version 3. */
const oldCrypto = /\/libcrypto\.so\.(?:0|1)(?:\.[^/]*)?$/;
const crypto = /\/libcrypto\.so(?:\.[^/]*)?$/;
/** That of nodejs.org has OpenSSL linked in; what Node's own functions give is told by Presets= alone. */
const node = /\/node(?:js)?$/;

export interface CodeFacts {
  readonly paths: readonly string[];
  /** OpenSSL was not told to take ours, for Presets=no or a configuration that ours cannot be put over. */
  readonly isKept: boolean;
}

/**
 * In an operator's words, one each. A libcrypto that was told but has not loaded ours is no finding: nobody has asked it
 * for a number yet, and when somebody does, it will load ours.
 */
export function keptGenerators({ paths, isKept }: CodeFacts): readonly string[] {
  const old = paths.filter((path) => oldCrypto.test(path));
  // An operator's own configuration may have it load ours.
  const isBare = isKept && !paths.some((path) => ours.test(path));
  const current = isBare ? paths.filter((path) => crypto.test(path) && !old.includes(path)) : [];
  const nodes = isKept ? paths.filter((path) => node.test(path)) : [];
  return [
    ...old.map((path) => `${path} is an OpenSSL before version 3, which keeps its own random generator`),
    ...[...current, ...nodes].map(
      (path) => `${path} keeps its own random generator, as Presets= or its configuration has it`,
    ),
  ];
}
