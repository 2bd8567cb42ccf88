// systemd runs this at boot and at each daemon-reload, before it loads units: arguments, exit status, and the short way
// out. Where there are no applications nothing else is loaded.
import { resolve } from 'node:path';
import { readCommandLine, help } from './command-line.js';
import { hasApplications } from './config/lookup.js';
import { version } from './config/version.js';
import { openLog } from './kmsg.js';

/** The exit status, as in grenadine-generator(8). */
async function run(args: readonly string[]): Promise<number> {
  const command = readCommandLine(args);
  switch (command.kind) {
    case 'help':
      process.stdout.write(help);
      return 0;
    case 'version':
      process.stdout.write(`grenadine-generator ${version}\n`);
      return 0;
    case 'usage':
      process.stderr.write(`grenadine-generator: ${command.message}\n${help}`);
      return 2;
    case 'generate': {
      // An initrd has neither the applications nor their files.
      if (process.env['SYSTEMD_IN_INITRD'] === '1' || !hasApplications(command.root)) return 0;
      const { generate } = await import('./generate.js');
      const log = openLog(process.env);
      const isWritten = generate(command.root, command.directory, log);
      log.close();
      return isWritten ? 0 : 1;
    }
    case 'dry-run': {
      const { dryRun } = await import('./generate.js');
      const source = command.source === undefined ? undefined : resolve(command.source);
      const print = (text: string): void => void process.stdout.write(text);
      return dryRun(command.root, source, openLog({}), print) ? 0 : 1;
    }
  }
}

run(process.argv.slice(2)).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    openLog(process.env).write(
      'error',
      `Cannot generate units: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = 1;
  },
);
