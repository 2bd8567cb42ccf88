// Finds configuration files as systemd does: /etc/ over /run/ over /usr/lib/, drop-ins by name over all three, masks.
// Opens no file. Everything hangs off `root`, which is / but in tests.
import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';

/** Highest precedence first. */
const configurationDirectories = ['/etc/grenadine', '/run/grenadine', '/usr/lib/grenadine'] as const;

export const applicationDirectories: readonly string[] = configurationDirectories.map(
  (base) => `${base}/apps`,
);

/** Paths are those inside of `root`. */
export interface FoundConfiguration {
  /** The file's name without `.conf`. */
  readonly name: string;
  /** Undefined where there are only drop-ins. */
  readonly main: string | undefined;
  /** In the order in which they are applied. */
  readonly dropIns: readonly string[];
}

/** Cheap: whether reading applications can find anything at all. */
export function hasApplications(root: string, directories = applicationDirectories): boolean {
  return directories.some((directory) =>
    entriesOf(root, directory).some((entry) => nameOf(entry) !== undefined),
  );
}

/** One for each name that is not masked, sorted by name; also those that have drop-ins only. */
export function findApplications(
  root: string,
  directories = applicationDirectories,
): readonly FoundConfiguration[] {
  const names = directories.flatMap((directory) => entriesOf(root, directory)).map(nameOf);
  const distinct = [...new Set(names.filter((name) => name !== undefined))].sort();
  return distinct.flatMap((name) => findConfiguration(root, directories, name) ?? []);
}

/** `grenadine.conf`; undefined where it is masked. */
export function findDaemonConfiguration(root: string): FoundConfiguration | undefined {
  return findConfiguration(root, configurationDirectories, 'grenadine');
}

function findConfiguration(
  root: string,
  directories: readonly string[],
  name: string,
): FoundConfiguration | undefined {
  const main = directories
    .map((directory) => `${directory}/${name}.conf`)
    .find((path) => exists(root + path));
  if (main !== undefined && isMasked(root + main)) return undefined;
  return { name, main, dropIns: findDropIns(root, directories, `${name}.conf.d`) };
}

/** The higher directory hides a drop-in of the same name; only file names decide the order. */
function findDropIns(root: string, directories: readonly string[], folder: string): readonly string[] {
  const chosen = new Map<string, string>();
  for (const directory of directories) {
    for (const entry of entriesOf(root, `${directory}/${folder}`)) {
      if (isConf(entry) && !chosen.has(entry)) chosen.set(entry, `${directory}/${folder}/${entry}`);
    }
  }
  return [...chosen.keys()].sort().flatMap((entry) => {
    const path = chosen.get(entry);
    return path === undefined || isMasked(root + path) ? [] : [path];
  });
}

/** A symbolic link to /dev/null, or an empty file, as in systemd.unit(5). */
export function isMasked(path: string): boolean {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && readlinkSync(path) === '/dev/null') return true;
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size === 0;
}

/** A dangling link exists: it is reported when it is read, not passed over. */
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Hidden files and what editors leave behind are not configuration. */
function isConf(entry: string): boolean {
  return entry.endsWith('.conf') && !entry.startsWith('.');
}

function nameOf(entry: string): string | undefined {
  return isConf(entry.replace(/\.d$/, '')) ? entry.replace(/\.conf(\.d)?$/, '') : undefined;
}

/** Of a directory that is missing or no directory: nothing. */
function entriesOf(root: string, directory: string): readonly string[] {
  try {
    return readdirSync(root + directory);
  } catch {
    return [];
  }
}
