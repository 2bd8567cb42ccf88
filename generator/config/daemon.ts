// Reads grenadine.conf(5). A faulty value there is reported and its default holds: no application suffers for it.
import type { Diagnostic } from './diagnostic.js';
import type { IniFile } from './ini-file.js';
import { daemonKeys, type DaemonKey } from './keys.js';
import { value, type Parsed } from './parsed.js';
import { parseSizeBytes } from './quantities.js';
import { parseKeep } from './read-application.js';
import { openSettings } from './settings.js';
import { parseWord } from './words.js';

export interface DaemonConfiguration {
  /** `auto`: an application that has no valid snapshot is baked unasked. */
  readonly bake: 'auto' | 'manual';
  /** How many snapshots are kept of an application that says nothing about it. */
  readonly keep: number;
  /** What all snapshots together may take on disk; undefined is no limit. */
  readonly limitBytes: number | undefined;
}

/** `files`: the main file if there is one, then its drop-ins in order. */
export function readDaemonConfiguration(files: readonly IniFile[]): {
  readonly daemon: DaemonConfiguration;
  readonly diagnostics: readonly Diagnostic[];
} {
  const settings = openSettings<DaemonKey>(daemonKeys, files);
  const daemon = {
    bake: settings.withDefault('Activator.Bake', parseWord('auto', 'manual')),
    keep: settings.withDefault('Store.Keep', parseKeep),
    limitBytes: settings.withDefault('Store.Limit', parseLimit),
  };
  return { daemon, diagnostics: settings.diagnostics() };
}

function parseLimit(text: string): Parsed<number | undefined> {
  return text === 'infinity' ? value(undefined) : parseSizeBytes(text);
}
