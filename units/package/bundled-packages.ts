// Finds out which packages went into a bundle and under which licences, for the copyright file. Renders nothing.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { leadingNotice, type BundledPackage } from './copyright.js';

/** `inputs` are the bundled files relative to `root`; sorted by package name. */
export async function findBundledPackages(
  root: string,
  inputs: readonly string[],
): Promise<readonly BundledPackage[]> {
  const byDirectory = new Map<string, string[]>();
  for (const input of [...new Set(inputs)].sort()) {
    const directory = packageDirectory(input);
    if (directory === undefined) continue;
    byDirectory.set(directory, [...(byDirectory.get(directory) ?? []), input]);
  }
  const found: BundledPackage[] = [];
  for (const [directory, files] of byDirectory) found.push(await describePackage(root, directory, files));
  return found;
}

/** `node_modules/a/node_modules/@b/c/x.js` belongs to `node_modules/a/node_modules/@b/c`. */
function packageDirectory(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

async function describePackage(
  root: string,
  directory: string,
  files: readonly string[],
): Promise<BundledPackage> {
  const declared: unknown = JSON.parse(await readFile(join(root, directory, 'package.json'), 'utf8'));
  const licenseFile = (await readdir(join(root, directory))).find((name) =>
    /^licen[sc]e(?:\.|$)/i.test(name),
  );
  const licenseText =
    licenseFile === undefined ? '' : await readFile(join(root, directory, licenseFile), 'utf8');
  const sources = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  const notices = licenseText === '' ? sources.flatMap((source) => leadingNotice(source) ?? []) : [];
  return {
    name: textField(declared, 'name') ?? directory,
    version: textField(declared, 'version') ?? '',
    license: textField(declared, 'license'),
    licenseText,
    notices: [...new Set(notices)],
  };
}

function textField(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null || !(key in value)) return undefined;
  const field: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  return typeof field === 'string' ? field : undefined;
}
