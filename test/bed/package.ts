/** Which package a bed gets, and how it gets in. */
import { existsSync } from 'node:fs';
import { copyFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BedError } from './bed-error.js';
import { hostFolder } from './root-recipe.js';
import { lastLines, type CommandResult } from './run-command.js';

/** A path, or `newest` for the last one built in this checkout, or `none`. */
export type PackageChoice = { readonly path: string } | 'newest' | 'none';

const installTimeoutMs = 5 * 60_000;

/** The folder of package.json above this file, compiled or not. */
export function findCheckout(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder);
  return folder;
}

/** Names the file to install, or nothing; throws `package-not-installed` when there should be one and is not. */
export async function findPackage(choice: PackageChoice): Promise<string | undefined> {
  if (choice === 'none') return undefined;
  if (choice !== 'newest') {
    if (existsSync(choice.path)) return resolve(choice.path);
    throw new BedError('package-not-installed', `there is no ${choice.path}`);
  }
  const folder = join(findCheckout(), 'build/package');
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.deb')) : [];
  const dated = await Promise.all(
    names.map(async (name) => ({
      path: join(folder, name),
      mtimeMs: (await stat(join(folder, name))).mtimeMs,
    })),
  );
  const newest = dated.sort((a, b) => b.mtimeMs - a.mtimeMs)[0];
  if (newest !== undefined) return newest.path;
  throw new BedError(
    'package-not-installed',
    `no package in ${folder}: run 'npm run package', or use --no-package`,
  );
}

/** Installs a package through the shared folder. Its dependencies are in the root; a missing one is an error. */
export async function installPackage(
  path: string,
  shared: string,
  run: (argv: readonly string[], timeoutMs: number) => Promise<CommandResult>,
): Promise<void> {
  await copyFile(path, join(shared, basename(path)));
  const argv = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'dpkg',
    '--install',
    join(hostFolder, basename(path)),
  ];
  const { status, stdout, stderr } = await run(argv, installTimeoutMs);
  if (status === 0) return;
  const said = lastLines(stdout + stderr, 20);
  throw new BedError(
    'package-not-installed',
    `dpkg --install ${basename(path)} failed with status ${status}\n${said}`,
  );
}
