/**
 * An application of test/apps/ in the bed: deployed, configured, connected to, taken away again. Snapshots are made
 * only where a test asks for one (Bake=manual), so that nothing happens beside what is tested.
 */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import type { Outcome } from '../../activator/restore/outcome.js';
import { fetchFrom, type HttpAnswer } from './http-client.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

const apps = '/src/test/apps';
const deployTimeoutMs = 60_000;

/** Deploys `program` and brings up the sockets of its .conf files, which have `names`. Nothing runs yet. */
export async function install(program: string, ...names: readonly string[]): Promise<void> {
  await deploy(program);
  await setBake('manual');
  await mkdir('/etc/grenadine/apps', { recursive: true });
  for (const name of names) {
    await copyFile(`${apps}/${program}/${name}.conf`, `/etc/grenadine/apps/${name}.conf`);
  }
  await systemctl('daemon-reload');
  await systemctl('start', ...names.map((name) => `${name}.socket`));
}

/**
 * Runs the deploy script of `program`: another release, where it has releases. Configures nothing. `environment` is for
 * the script alone, `NAME=VALUE` each.
 */
export async function deploy(program: string, ...environment: readonly string[]): Promise<void> {
  await mustRun(['env', ...environment, `${apps}/${program}/deploy`], deployTimeoutMs);
}

/** grenadine.conf(5); in force with the next daemon-reload. */
export async function setBake(how: 'auto' | 'manual'): Promise<void> {
  await mkdir('/etc/grenadine/grenadine.conf.d', { recursive: true });
  await writeFile('/etc/grenadine/grenadine.conf.d/50-test.conf', `[Activator]\nBake=${how}\n`);
}

/** Lines of NAME.conf beside those that were installed, until the next call or uninstall(). */
export async function configure(name: string, lines: string): Promise<void> {
  const folder = `/etc/grenadine/apps/${name}.conf.d`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/50-test.conf`, `${lines}\n`);
  await systemctl('daemon-reload');
}

/** Takes the applications away with all that was stored of them. */
export async function uninstall(...names: readonly string[]): Promise<void> {
  await systemctl('stop', ...names.flatMap((name) => [`${name}.socket`, `${name}.service`]));
  for (const name of names) {
    for (const folder of ['/etc/grenadine/apps', '/run/grenadine/apps'])
      await rm(`${folder}/${name}.conf`, { force: true });
    await rm(`/etc/grenadine/apps/${name}.conf.d`, { recursive: true, force: true });
    await forgetOutcome(name);
  }
  await systemctl('daemon-reload');
  // The activator hears of it a moment later, and may be at work in there until then.
  for (const name of names)
    await rm(`/var/lib/grenadine/${name}`, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  await systemctl('reset-failed');
}

/** Stops what runs; the socket stays, so the next connection starts it. */
export async function stop(name: string): Promise<void> {
  await systemctl('stop', `${name}.service`);
}

/** The first connection to an application that does not run, and how that came up. */
export async function firstConnection(
  name: string,
  address: string,
  path = '/',
): Promise<{ readonly answer: HttpAnswer; readonly outcome: Outcome }> {
  await stop(name);
  await forgetOutcome(name);
  const answer = await fetchFrom(address, path);
  return { answer, outcome: await waitForOutcome(name) };
}
