/**
 * A bed: a throw-away Debian with a running systemd, in which system tests and the bench run commands as root.
 * Opening one makes the host fit, builds the root if there is none, boots a layer over it, installs the package.
 */
import { startInBed, type BedCommand, type BedSpawnOptions } from './bed-command.js';
import { BedError } from './bed-error.js';
import { guardCgroup } from './cgroup.js';
import { ensureHost } from './host.js';
import { createLayer, removeLayer, sweepLayers, type Layer } from './layer.js';
import { bootMachine, rebootStatus, type Bind, type Machine } from './machine.js';
import { connectNetwork } from './network.js';
import { findCheckout, findPackage, installPackage, type PackageChoice } from './package.js';
import { placesFrom } from './places.js';
import { ensureRoot } from './root.js';
import { finishCommand, type CommandResult } from './run-command.js';

export interface BedOptions {
  /** `newest` when absent. */
  readonly package?: PackageChoice;
  /** Besides the checkout, which is at /src, read-only. */
  readonly binds?: readonly Bind[];
  /** A way out to the package archive; without it a bed has its loopback and no more. */
  readonly hasNetwork?: boolean;
  /** Where lines about what takes a while go; standard error when absent. */
  readonly report?: (line: string) => void;
}

interface BedRunOptions {
  readonly input?: string;
  /** 60 seconds when absent; then the command and all that it started is killed and `command-timed-out` thrown. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Bed {
  /** The bed's file system, as the host may read and write it. It moves with a reboot. */
  readonly root: () => string;
  /** `running`, or `degraded` when a unit of the boot failed. */
  readonly state: () => string;
  /**
   * Runs a command as root to its end, and to the end of whatever holds its output: what is to stay running has
   * that redirected, or is a unit. A status other than 0 is a result, not an error.
   */
  readonly run: (argv: readonly string[], options?: BedRunOptions) => Promise<CommandResult>;
  /** Starts a command and returns at once. Its streams are as node:child_process has them, standard input ignored. */
  readonly spawn: (argv: readonly string[], options?: BedSpawnOptions) => Promise<BedCommand>;
  /** Shuts the bed down as systemd does, boots it again on the same disk, and returns when it is up. */
  readonly reboot: () => Promise<void>;
  /** Ends everything in the bed and removes it. May be called twice, and at any time. */
  readonly close: () => Promise<void>;
}

const shutdownTimeoutMs = 100_000;

export async function openBed(options: BedOptions = {}): Promise<Bed> {
  const report = options.report ?? reportToStderr;
  const places = placesFrom(process.env);
  await ensureHost(report);
  const packagePath = await findPackage(options.package ?? 'newest');
  await sweepLayers(places.beds);
  const root = await ensureRoot(places, report);
  const layer = await createLayer(places);
  const binds = [{ host: findCheckout(), bed: '/src' }, ...(options.binds ?? [])];
  const endGuard = await guardCgroup(layer.cgroup);
  const remove = async (): Promise<void> => {
    await endGuard();
    await removeLayer(layer.folder);
  };
  try {
    const boot = async (): Promise<Machine> => {
      const machine = await bootMachine(root, layer, binds);
      if (options.hasNetwork === true) await connectNetwork(machine.leader, layer);
      return machine;
    };
    const bed = bedOn(await boot(), layer, boot, remove);
    if (bed.state() !== 'running') report(`units failed at boot:\n${await failedUnits(bed)}`);
    if (packagePath !== undefined) {
      await installPackage(packagePath, layer.shared, (argv, timeoutMs) => bed.run(argv, { timeoutMs }));
    }
    return bed;
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Prepares the host and the root without booting anything. */
export async function prepareBeds(report: (line: string) => void = reportToStderr): Promise<string> {
  await ensureHost(report);
  return ensureRoot(placesFrom(process.env), report);
}

function bedOn(
  firstMachine: Machine,
  layer: Layer,
  boot: () => Promise<Machine>,
  remove: () => Promise<void>,
): Bed {
  let machine = firstMachine;
  let commands = 0;
  let closing: Promise<void> | undefined;

  const spawn = async (argv: readonly string[], options: BedSpawnOptions = {}): Promise<BedCommand> => {
    if (closing !== undefined) throw new BedError('bed-closed', `the bed is closed: '${argv.join(' ')}'`);
    const name = `bed-command-${(commands += 1)}`;
    return startInBed({ leader: machine.leader, cgroup: layer.cgroup, name }, argv, options);
  };

  const run = async (argv: readonly string[], options: BedRunOptions = {}): Promise<CommandResult> => {
    const { env } = options;
    const command = await spawn(argv, { stdin: 'pipe', ...(env === undefined ? {} : { env }) });
    return finishCommand(argv, command, options);
  };

  const reboot = async (): Promise<void> => {
    // Its own status says nothing: the shutdown kills it sooner or later.
    await run(['systemctl', 'reboot'], { timeoutMs: shutdownTimeoutMs });
    const status = await machine.ended;
    if (status !== rebootStatus) throw new BedError('boot-failed', `no reboot: nspawn's status is ${status}`);
    machine = await boot();
  };

  const close = (): Promise<void> => (closing ??= remove());

  return {
    root: () => `/proc/${machine.leader}/root`,
    state: () => machine.state,
    run,
    spawn,
    reboot,
    close,
  };
}

async function failedUnits(bed: Bed): Promise<string> {
  return (await bed.run(['systemctl', 'list-units', '--failed', '--plain', '--no-legend'])).stdout;
}

function reportToStderr(line: string): void {
  process.stderr.write(`bed: ${line}\n`);
}
