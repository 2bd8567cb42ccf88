/** How soon the activator says which snapshots may serve: asked as a launcher asks, while something goes on. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { programPath } from './compile.js';

/** Ascending, in milliseconds: from before the connection to the bus is opened to the answer. */
export type Answers = readonly number[];

/** Asks about an application that has a snapshot, all the while `command` runs in the bed. */
export async function askWhile(bed: Bed, name: string, command: readonly string[]): Promise<Answers> {
  const unit = await inBed(bed, 'cat', `/run/systemd/generator/${name}.service`);
  const configuration = /--configuration=(\w+)/.exec(unit)?.[1] ?? '';
  const lines = await inBed(bed, programPath('activate'), name, configuration, ...command);
  const answers = lines.trim().split('\n').map(Number);
  return answers.map((us) => us / 1000).sort((a, b) => a - b);
}
