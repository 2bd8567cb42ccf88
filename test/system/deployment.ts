/** The counter as a deployment tool leaves it: releases side by side, a link to one of them, and what is said of both. */
import { copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { counterAt } from './counter.js';
import { journalCursor, waitForLine } from './journal.js';

export const name = 'node-deployed';
export const address = '127.0.0.1:4010';
export const activator = 'grenadine-activator.service';
export const home = '/home/counter/app';
export const published = new RegExp(`^${name}: published snapshot [0-9a-f]{12}$`);

/** Makes a release, without putting it in place. */
export async function lay(release: string, server?: string): Promise<void> {
  await mkdir(`${home}/releases/${release}/tmp`, { recursive: true });
  const file = `${home}/releases/${release}/server.mjs`;
  await (server === undefined ? copyFile('/srv/node/server.mjs', file) : writeFile(file, server));
}

export async function flip(release: string): Promise<void> {
  await symlink(`releases/${release}`, `${home}/current.new`);
  await rename(`${home}/current.new`, `${home}/current`);
}

/** Does `act`, and waits until the activator has said a line after it. */
export async function until(line: RegExp, act: () => Promise<unknown>): Promise<string> {
  const cursor = await journalCursor();
  await act();
  return (await waitForLine(activator, line, cursor)).message;
}

/** The release that answers, asked of a running application. */
export async function serving(): Promise<string> {
  return (await counterAt(address)).cwd.replace(`${home}/releases/`, '');
}

/** Replaces the drop-in of the tests; in force with the next daemon-reload. Goes with uninstall(). */
export async function configureMore(text: string): Promise<void> {
  await mkdir(`/etc/grenadine/apps/${name}.conf.d`, { recursive: true });
  await writeFile(`/etc/grenadine/apps/${name}.conf.d/more.conf`, text);
}
