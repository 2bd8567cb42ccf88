// grenadine-activator(8): puts the parts together, serves until SIGTERM, and exits when the bus is lost (systemd starts
// it again). Entry point: signals, start and exit status, nothing else.

import { formatDiagnostic } from '../generator/config/diagnostic.js';
import { GrenadineError } from '../generator/config/error.js';
import { loadConfiguration } from '../generator/config/load-configuration.js';
import { version } from '../generator/config/version.js';
import { createApplications } from './applications.js';
import { serialQueue } from './bake/serial-queue.js';
import { busName } from './bus/api.js';
import { openSystemBus } from './bus/connection.js';
import { openSystemd } from './bus/systemd.js';
import { createController, type Controller } from './controller.js';
import { canaryName } from './doctor/canary.js';
import { createDiagnosis } from './doctor/diagnose.js';
import { createHousekeeping } from './housekeeping.js';
import { hostFingerprint } from './host/fingerprint.js';
import { openHost } from './host/host.js';
import { openJournal } from './journal.js';
import { later } from './later.js';
import { journalLog, type Log } from './log.js';
import { runCommand } from './run-command.js';
import { forgetStarts } from './restore/forget-starts.js';
import { exportService } from './service.js';
import { openStore, type Store } from './store/store.js';
import { keepWatchdog, watchdogMs } from './watchdog.js';
import { defineTransient, isTransient, removeTransient, startTransient } from './transient.js';

async function serve(log: Log): Promise<void> {
  const bus = await openSystemBus((error) => {
    log.error(`${error.message} Exiting; systemd starts the activator again.`);
    process.exit(1);
  });
  const systemd = await openSystemd(bus);
  const host = await openHost(() => hostFingerprint(runCommand));
  const store = openStore('/');
  const applications = createApplications();
  const housekeeping = createHousekeeping({ applications, store, log });
  const controller: Controller = createController({
    applications,
    systemd,
    store,
    host,
    log,
    tidy: () => housekeeping.prune(false),
    nowMs: () => performance.timeOrigin + performance.now(),
    later,
    emit: (signal, ...body) => {
      emit(signal, ...body);
    },
  });
  // One after the other: two reloads in a row must not overtake each other.
  const reloads = serialQueue();
  const removeForGood = async (name: string): Promise<void> => {
    await controller.quiesce(name);
    await removeTransient(name, systemd);
    await reloads.add(configure);
    await store.forget(name);
    await forgetStarts(name);
  };
  const diagnose = createDiagnosis({
    applications,
    systemd,
    host,
    controller,
    define: async (name, text) => {
      await defineTransient(name, text, systemd);
      await reloads.add(configure);
    },
    remove: removeForGood,
    progress: (name, phase, detail) => {
      emit('BakeProgress', name, phase, detail);
    },
  });
  const emit = exportService(bus, {
    applications,
    systemd,
    host,
    controller,
    housekeeping,
    define: (name, text) => startTransient(name, text, systemd),
    diagnose,
  });
  const configure = async (): Promise<void> => {
    const { applications: configured, daemon, diagnostics } = loadConfiguration('/');
    for (const diagnostic of diagnostics) log.warning(formatDiagnostic(diagnostic));
    housekeeping.setLimit(daemon.limitBytes);
    await controller.configure(configured, daemon.bake === 'auto');
  };
  await sweep(store, log);
  // Before anything is read: what is reloaded meanwhile is read again.
  systemd.onReloaded(() => {
    reloads.add(configure).catch((error: unknown) => {
      log.error(`The configuration could not be read again: ${String(error)}`);
    });
  });
  await reloads.add(configure);
  await bus.requestName(busName);
  // Who was started before could report to nobody.
  await controller.catchUp();
  // An activator that was ended in the middle of a diagnosis has left it.
  if (isTransient(canaryName)) await removeForGood(canaryName);
  else if (applications.find(canaryName) === undefined) await store.forget(canaryName);
}

/** A store that cannot be swept has to serve all the same. */
async function sweep(store: Store, log: Log): Promise<void> {
  try {
    for (const path of await store.sweep()) log.info(`Removed ${path}, left by a bake that was interrupted.`);
  } catch (error) {
    log.error(`What interrupted bakes have left could not be removed: ${String(error)}`);
  }
}

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--version')) {
    process.stdout.write(`grenadine-activator ${version}\n`);
    return;
  }
  const watchedMs = watchdogMs(process.env, process.pid);
  const journal = openJournal(process.env['JOURNAL_STREAM'], watchedMs !== undefined);
  const log = journalLog((text) => process.stderr.write(text), journal.tell);
  keepWatchdog(watchedMs, journal.live);
  process.once('SIGTERM', () => process.exit(0));
  process.once('SIGINT', () => process.exit(0));
  try {
    await serve(log);
  } catch (error) {
    log.error(error instanceof GrenadineError ? `${error.message} (${error.code})` : String(error));
    process.exit(1);
  }
}

void main(process.argv.slice(2));
