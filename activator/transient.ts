// Transient applications: a NAME.conf under /run, gone with the next boot. Checks the text, writes it whole and has systemd
// generate its units; and takes all that away again.

import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { GrenadineError } from '../generator/config/error.js';
import { loadConfiguration } from '../generator/config/load-configuration.js';
import type { Systemd } from './bus/systemd.js';

const directory = '/run/grenadine/apps';
const startTimeoutMs = 120_000;

export function isTransient(name: string): boolean {
  return existsSync(`${directory}/${name}.conf`);
}

/** Defines it, and starts it. */
export async function startTransient(name: string, text: string, systemd: Systemd): Promise<void> {
  await defineTransient(name, text, systemd);
  await systemd.start(`${name}.service`, startTimeoutMs);
}

/**
 * Its sockets are open then. Rejects with `invalid-configuration` and what is wrong, line by line, and leaves all as it was
 * then.
 */
export async function defineTransient(name: string, text: string, systemd: Systemd): Promise<void> {
  const path = `${directory}/${name}.conf`;
  const configured = loadConfiguration('/').applications.find((application) => application.name === name);
  if (configured !== undefined && configured.sources[0] !== path)
    throw new GrenadineError(
      'application-exists',
      `'${name}' is configured in ${configured.sources[0] ?? ''} already.`,
    );
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const before = await readFile(path, 'utf8').catch(() => undefined);
  await replace(name, text);
  const { applications, diagnostics } = loadConfiguration('/');
  if (!applications.some((application) => application.name === name)) {
    if (before === undefined) await rm(path, { force: true });
    else await replace(name, before);
    const faults = diagnostics
      .filter(({ file: where }) => where === path)
      .map(({ line, message }) => `line ${line ?? 0}: ${message}`);
    throw new GrenadineError('invalid-configuration', `'${name}' cannot be configured: ${faults.join('; ')}`);
  }
  await systemd.reload();
  await systemd.start(`${name}.socket`, startTimeoutMs);
}

/** A reader finds the old text or the new one. */
async function replace(name: string, text: string): Promise<void> {
  const draft = `${directory}/.${name}.${process.pid}`;
  const file = await open(draft, 'w', 0o644);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await rename(draft, `${directory}/${name}.conf`);
}

/** Of an application that is gone, or was never there, there is nothing to take away. */
export async function removeTransient(name: string, systemd: Systemd): Promise<void> {
  const units = [`${name}.socket`, `${name}.service`, `${name}-bake.service`];
  // The socket first: another connection would start the service again.
  for (const unit of units) await systemd.stop(unit, startTimeoutMs).catch(() => undefined);
  await rm(`${directory}/${name}.conf`, { force: true });
  await systemd.reload();
  // Those that did not fail are not known any more.
  for (const unit of units) await systemd.resetFailed(unit).catch(() => undefined);
}
