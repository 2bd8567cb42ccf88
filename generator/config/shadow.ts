// Finds units that a generated one would hide. A generated unit comes before those of packages: an application called
// `ssh` would otherwise take the place of the real one.
import { readdirSync } from 'node:fs';
import { isMasked } from './lookup.js';

const unitDirectories = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const;

/** systemd-sysv-generator(8) makes `NAME.service` of a script here, later than ours. */
const scriptDirectory = '/etc/init.d';

/** For each unit name, the path inside of the root that defines it. */
export type InstalledUnits = ReadonlyMap<string, string>;

/** Reads directories only, each once. Masked units do not count: what is masked cannot be hidden. */
export function findInstalledUnits(root: string): InstalledUnits {
  const units = new Map<string, string>();
  const add = (unit: string, path: string): void => {
    if (!units.has(unit)) units.set(unit, path);
  };
  for (const directory of unitDirectories) {
    for (const entry of entriesOf(root + directory)) {
      if (/\.(service|socket)$/.test(entry)) add(entry, `${directory}/${entry}`);
    }
  }
  for (const script of entriesOf(root + scriptDirectory))
    add(`${script}.service`, `${scriptDirectory}/${script}`);
  return units;
}

/** The path of a unit that the units of application `name` would hide. */
export function findShadowed(root: string, units: InstalledUnits, name: string): string | undefined {
  return [`${name}.service`, `${name}.socket`, `${name}-bake.service`]
    .map((unit) => units.get(unit))
    .find((path) => path !== undefined && !isMasked(root + path));
}

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
