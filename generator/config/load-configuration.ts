// Reads all configuration of a root: every application, grenadine.conf, and what is wrong with them. What is wrong with
// one application costs that application alone. Used by the generator and by the activator.
import type { Application } from './application.js';
import { faultOfName } from './application-name.js';
import { readDaemonConfiguration, type DaemonConfiguration } from './daemon.js';
import type { Diagnostic } from './diagnostic.js';
import {
  applicationDirectories,
  findApplications,
  findDaemonConfiguration,
  type FoundConfiguration,
} from './lookup.js';
import { readApplication, type ReadApplication } from './read-application.js';
import { readConfigurationFile } from './read-file.js';
import { findInstalledUnits, findShadowed, type InstalledUnits } from './shadow.js';

interface RefusedApplication {
  readonly name: string;
  /** The main file. */
  readonly source: string;
  /** At least one error. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Configuration {
  /** Sorted by name. */
  readonly applications: readonly Application[];
  /** Sorted by name; a name is either here or among the applications. */
  readonly refused: readonly RefusedApplication[];
  readonly daemon: DaemonConfiguration;
  /** Of all files, those of refused applications included. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `root` is '' or '/' but in tests. `directories` stand in for those of the applications. Never throws. */
export function loadConfiguration(root: string, directories = applicationDirectories): Configuration {
  const base = root.replace(/\/+$/, '');
  const found = findDaemonConfiguration(base);
  const { daemon, diagnostics } = readDaemonConfiguration(readFiles(base, found));
  const installed = findInstalledUnits(base);
  const read = findApplications(base, directories).map((files) => ({
    name: files.name,
    source: files.main ?? '',
    outcome: readFound(base, files, daemon, installed),
  }));
  return {
    applications: read.flatMap(({ outcome }) => (outcome.kind === 'read' ? [outcome.application] : [])),
    refused: read.flatMap(({ name, source, outcome }) =>
      outcome.kind === 'broken' ? [{ name, source, diagnostics: outcome.diagnostics }] : [],
    ),
    daemon,
    diagnostics: [...diagnostics, ...read.flatMap(({ outcome }) => outcome.diagnostics)],
  };
}

type Outcome = ReadApplication | { readonly kind: 'nothing'; readonly diagnostics: readonly Diagnostic[] };

function readFound(
  root: string,
  found: FoundConfiguration,
  daemon: DaemonConfiguration,
  installed: InstalledUnits,
): Outcome {
  if (found.main === undefined)
    return { kind: 'nothing', diagnostics: found.dropIns.slice(0, 1).map(orphan) };
  const fault = faultOfName(found.name);
  if (fault !== undefined) {
    return broken(found.main, 'bad-name', `'${found.name}' cannot be an application: ${fault}.`);
  }
  const shadowed = findShadowed(root, installed, found.name);
  if (shadowed !== undefined) {
    const message = `Application '${found.name}' is refused: its units would collide with ${shadowed}. Call it something else.`;
    return broken(found.main, 'name-taken', message);
  }
  return readApplication(found.name, readFiles(root, found), daemon);
}

function readFiles(
  root: string,
  found: FoundConfiguration | undefined,
): ReturnType<typeof readConfigurationFile>[] {
  const paths = found?.main === undefined ? (found?.dropIns ?? []) : [found.main, ...found.dropIns];
  return paths.map((path) => readConfigurationFile(root, path));
}

function broken(file: string, code: string, message: string): Outcome {
  return { kind: 'broken', diagnostics: [{ file, line: undefined, severity: 'error', code, message }] };
}

function orphan(file: string): Diagnostic {
  const message = 'This drop-in belongs to an application that has no file of its own, ignoring.';
  return { file, line: undefined, severity: 'warning', code: 'orphan-drop-in', message };
}
