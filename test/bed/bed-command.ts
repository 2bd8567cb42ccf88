/**
 * One command in a booted bed, from its entry to its end. Each has a cgroup of its own, so that it can be killed
 * with all that it started; what it leaves running otherwise stays, as on any host.
 */
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { killCgroup, moveToCgroup } from './cgroup.js';
import { childrenOf } from './children.js';
import { enterArgv } from './enter.js';
import { startCommand, type StartOptions } from './run-command.js';

export interface BedSpawnOptions extends Omit<StartOptions, 'env'> {
  /** Added to PATH, HOME, USER and LANG. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that runs in the bed while the caller does something else. */
export interface BedCommand {
  /** The PID of nsenter on the host, for want of a better one. */
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** The exit status, 128+n after signal n. */
  readonly ended: Promise<number>;
  /** Kills the command and all that it started. */
  readonly kill: () => Promise<void>;
}

/** Starts `argv` in the bed whose PID 1 is `leader`; `name` names its cgroup and may be used once. */
export async function startInBed(
  {
    leader,
    cgroup: bedCgroup,
    name,
  }: { readonly leader: number; readonly cgroup: string; readonly name: string },
  argv: readonly string[],
  options: BedSpawnOptions,
): Promise<BedCommand> {
  const { env, ...streams } = options;
  const cgroup = join(bedCgroup, 'payload', name);
  await mkdir(cgroup);
  const started = await startCommand(
    enterArgv({ leader, cgroup, argv, ...(env === undefined ? {} : { env }) }),
    streams,
  );
  // What the command left running keeps its cgroup until the bed goes.
  const ended = started.ended.finally(() => rmdir(cgroup).catch(() => undefined));

  const kill = async (): Promise<void> => {
    if ((await childrenOf(started.pid)).length > 0) {
      // nsenter is not of the bed: it stays to reap its child, or the corpse would hold up a shutdown of the bed.
      await moveToCgroup(started.pid, join(bedCgroup, 'spared'));
    } else {
      started.kill();
    }
    await killCgroup(cgroup);
  };
  return { ...started, ended, kill };
}
