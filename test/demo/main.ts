/**
 * The `demo` program: a Rails application boots cold, is snapshotted, stopped, and restored by the first connection; then
 * another release of it is deployed and taken back under load.
 */
import { openBed, type Bed } from '../bed/bed.js';
import { deployUnderLoad } from './deployment.js';
import {
  bakeSnapshot,
  connectCold,
  connectRestored,
  deployRails,
  listSnapshots,
  lookAtNamespaces,
  readJournal,
  stopRails,
} from './steps.js';
import { openScreen, type Screen } from './terminal.js';

async function demonstrate(bed: Bed, screen: Screen): Promise<void> {
  await deployRails(bed, screen);
  const coldMs = await connectCold(bed, screen);
  await bakeSnapshot(bed, screen);
  await listSnapshots(bed, screen);
  await stopRails(bed, screen);
  const restoredMs = await connectRestored(bed, screen);
  await lookAtNamespaces(bed, screen);
  await readJournal(bed, screen);
  const { requests, longestMs } = await deployUnderLoad(bed, screen);
  const ratio = coldMs / restoredMs;
  if (!(ratio > 1))
    throw new Error(`the restore (${restoredMs} ms) was no faster than the boot (${coldMs} ms)`);
  const times = `booted in ${coldMs.toFixed(0)} ms, restored in ${restoredMs.toFixed(1)} ms`;
  screen.result(`Connect to first byte: ${times}: ${ratio.toFixed(1)} times faster.`);
  screen.result(
    `A deployment and a rollback: ${requests} requests, none failed, the longest took ${longestMs.toFixed(0)} ms.`,
  );
}

/** What somebody needs who wants to know why. */
async function showTrouble(bed: Bed, screen: Screen): Promise<void> {
  const units = ['rails.service', 'rails-bake.service', 'grenadine-activator.service'];
  const journal = ['journalctl', '--no-hostname', '--lines=40', ...units.map((unit) => `--unit=${unit}`)];
  const { stdout } = await bed.run(journal);
  screen.show(stdout);
}

async function main(screen: Screen): Promise<void> {
  screen.step('A bed: Debian 13 with systemd, CRIU and Grenadine installed');
  const bed = await openBed({
    report: (line) => {
      screen.show(line);
    },
  });
  const interrupted = (): void => {
    void bed.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    await demonstrate(bed, screen).catch(async (error: unknown) => {
      await showTrouble(bed, screen);
      throw error;
    });
  } finally {
    await bed.close();
  }
}

const screen = openScreen(process.stdout, () => performance.now());
try {
  await main(screen);
} catch (error) {
  screen.failure(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
