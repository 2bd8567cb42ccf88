/** A load beside what a test does, in a process of its own: a busy test would be taken for a slow answer. */
import { followLoad, loadArgv, type Load, type LoadOptions } from '../load/load.js';
import { startProgram } from './run-command.js';

/** Lets clients ask while `act` runs, and answers what came of every request, the last ones included. */
export async function underLoad(
  options: LoadOptions,
  act: (load: Load) => Promise<void>,
): Promise<Load['exchanges']> {
  const program = startProgram(loadArgv(options));
  try {
    const load = followLoad(program);
    await act(load);
    return await load.stop();
  } finally {
    program.kill();
  }
}
