// Transient applications: a NAME.conf under /run, gone with the next boot. Checks the text, writes it whole, has systemd
// generate its units, and starts it.

import { mkdir, open, rename, rm } from 'node:fs/promises';
import { GrenadineError } from '../generator/config/error.js';
import { loadConfiguration } from '../generator/config/load-configuration.js';
import type { Systemd } from './bus/systemd.js';

const directory = '/run/grenadine/apps';
const startTimeoutMs = 120_000;

/** Rejects with `invalid-configuration` and what is wrong, line by line, and leaves nothing behind then. */
export async function defineTransient(name: string, text: string, systemd: Systemd): Promise<void> {
  const path = `${directory}/${name}.conf`;
  const configured = loadConfiguration('/').applications.find((application) => application.name === name);
  if (configured !== undefined && configured.sources[0] !== path)
    throw new GrenadineError(
      'application-exists',
      `'${name}' is configured in ${configured.sources[0] ?? ''} already.`,
    );
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const draft = `${directory}/.${name}.${process.pid}`;
  const file = await open(draft, 'wx', 0o644);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const { applications, diagnostics } = loadConfiguration('/');
  if (!applications.some((application) => application.name === name)) {
    await rm(path, { force: true });
    const faults = diagnostics
      .filter(({ file: where }) => where === path)
      .map(({ line, message }) => `line ${line ?? 0}: ${message}`);
    throw new GrenadineError('invalid-configuration', `'${name}' cannot be configured: ${faults.join('; ')}`);
  }
  await systemd.reload();
  await systemd.start(`${name}.socket`, startTimeoutMs);
  await systemd.start(`${name}.service`, startTimeoutMs);
}
