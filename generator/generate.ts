// The generator's run, once there are applications: read, render, write, and say what was wrong. Loaded only then.
import { GrenadineError } from './config/error.js';
import { formatDiagnostic } from './config/diagnostic.js';
import { loadConfiguration, type Configuration } from './config/load-configuration.js';
import type { Log } from './kmsg.js';
import { renderApplication } from './render-application.js';
import type { UnitFile } from './unit-file.js';
import { writeUnits } from './write-units.js';

/** False where units could not be written; what is wrong in a configuration file is logged and survived. */
export function generate(root: string, directory: string, log: Log): boolean {
  const configuration = loadConfiguration(root);
  report(configuration, log);
  const failures = configuration.applications.flatMap((application) => {
    try {
      writeUnits(directory, renderApplication(application));
      return [];
    } catch (error) {
      if (!(error instanceof GrenadineError)) throw error;
      log.write('error', `${application.sources[0] ?? application.name}: ${error.message}`);
      return [error];
    }
  });
  return failures.length === 0;
}

/** Prints to `print` what generate() would write. False where an application is refused. */
export function dryRun(
  root: string,
  source: string | undefined,
  log: Log,
  print: (text: string) => void,
): boolean {
  const configuration = source === undefined ? loadConfiguration(root) : loadConfiguration(root, [source]);
  report(configuration, log);
  for (const application of configuration.applications) {
    for (const file of renderApplication(application)) print(preview(file));
  }
  return configuration.refused.length === 0;
}

function report({ diagnostics, refused }: Configuration, log: Log): void {
  for (const diagnostic of diagnostics) log.write(diagnostic.severity, formatDiagnostic(diagnostic));
  for (const { name, source } of refused) {
    log.write('error', `${source}: Generating no units for '${name}' because of the errors above.`);
  }
}

function preview(file: UnitFile): string {
  switch (file.kind) {
    case 'file':
      return `---${file.path}---\n${file.text}\n`;
    case 'link':
      return `---${file.path}---\n-> ${file.target}\n\n`;
  }
}
