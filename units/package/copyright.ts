// Renders the package's copyright file: our licence, and those of the packages that are bundled into the programs.
// Reads no file; what was bundled, and its licence texts, are passed in.

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** The SPDX expression of its package.json, if it has one. */
  readonly license: string | undefined;
  /** Its LICENSE file; empty if it ships none. */
  readonly licenseText: string;
  /** The leading comments of its bundled files that claim a copyright, each once. */
  readonly notices: readonly string[];
}

const apacheReference =
  'On Debian systems the Apache License, Version 2.0, is in\n/usr/share/common-licenses/Apache-2.0.';

/** Debian's machine-readable form, https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/. */
export function renderCopyright(ownLicense: string, bundled: readonly BundledPackage[]): string {
  const header = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    'Upstream-Name: grenadine',
    'Comment: The programs are bundles; what is bundled into them follows after our own licence.',
  ].join('\n');
  const own = stanza('*', copyrightLines(ownLicense), 'Expat', ownLicense);
  const foreign = bundled.map((one) => {
    const text = [one.licenseText, ...one.notices].filter((part) => part !== '').join('\n\n');
    const shown = isApache(one.licenseText) ? [...one.notices, apacheReference].join('\n\n') : text;
    const id = (one.license ?? (isApache(text) ? 'Apache-2.0' : 'custom')).replaceAll(/[()]/g, '');
    return stanza(
      `node_modules/${one.name}/*`,
      copyrightLines(text),
      `${id} (${one.name} ${one.version})`,
      shown,
    );
  });
  return `${[header, own, ...foreign].join('\n\n')}\n`;
}

/** The comment that a source file begins with, without its markers, if it claims a copyright. */
export function leadingNotice(source: string): string | undefined {
  const block = /^\s*\/\*([\s\S]*?)\*\//.exec(source)?.[1];
  const lineComments = /^(?:\/\/.*\n)+/.exec(source)?.[0];
  const comment = (block ?? lineComments ?? '').replaceAll(/^[ \t]*(?:\*|\/\/)? ?/gm, '').trim();
  return /copyright/i.test(comment) ? comment : undefined;
}

function stanza(files: string, copyrights: readonly string[], license: string, text: string): string {
  return [
    `Files: ${files}`,
    `Copyright: ${copyrights.length === 0 ? 'see the licence text' : copyrights.join('\n  ')}`,
    `License: ${license}`,
    ...text
      .trim()
      .split('\n')
      .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`)),
  ].join('\n');
}

function copyrightLines(text: string): readonly string[] {
  const found = text
    .split('\n')
    .flatMap((line) => /^\s*Copyright (?:\(c\) |© )?(\d{4}.*|[A-Z].*)$/.exec(line)?.[1] ?? []);
  return [...new Set(found.map((line) => line.trim()))].filter(
    (line) => !/owner|holder|notice|license/i.test(line),
  );
}

function isApache(text: string): boolean {
  return /Apache License\s+Version 2\.0, January 2004/.test(text);
}
