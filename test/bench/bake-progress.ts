/** Listens to the activator's signals on the bed's bus, with the time at which each was sent. */
import { createInterface } from 'node:readline';
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

interface BakeStep {
  /** `booting`, `ready`, …, `published`, of BakeProgress(); `failed`. */
  readonly phase: string;
  readonly detail: string;
  /** Since 1970. */
  readonly atMs: number;
}

const timeoutMs = 120_000;
/** Ours, as busctl says nothing when it has begun to listen. */
const hello = ['/org/grenadine/Bench', 'org.grenadine.Bench', 'Hello'] as const;
const matches = ['org.grenadine.Activator1', hello[1]].map(
  (name) => `--match=type='signal',interface='${name}'`,
);

/** Does `act` and answers the steps of the application's bake up to its publication; throws if it fails. */
export async function watchBake(
  bed: Bed,
  name: string,
  act: () => Promise<unknown>,
): Promise<readonly BakeStep[]> {
  const monitor = await bed.spawn(['busctl', 'monitor', '--json=short', ...matches], { stdout: 'pipe' });
  const timer = setTimeout(() => void monitor.kill(), timeoutMs);
  try {
    if (monitor.stdout === null) throw new Error('busctl has no output');
    const lines = createInterface(monitor.stdout)[Symbol.asyncIterator]();
    let isListening = false;
    const first = lines.next().then(() => {
      isListening = true;
    });
    const listens = (): boolean => isListening;
    while (!listens()) await inBed(bed, 'busctl', 'emit', ...hello);
    await first;
    await act();
    const steps: BakeStep[] = [];
    for await (const line of { [Symbol.asyncIterator]: () => lines }) {
      const step = readStep(line, name);
      if (step === undefined) continue;
      if (step.phase === 'failed') throw new Error(`the bake of ${name} failed: ${step.detail}`);
      steps.push(step);
      if (step.phase === 'published') return steps;
    }
    throw new Error(
      `${name} was not baked within ${timeoutMs} ms: ${steps.map(({ phase }) => phase).join(', ')}`,
    );
  } finally {
    clearTimeout(timer);
    await monitor.kill();
    // What nobody reads any more would keep it from ending.
    monitor.stdout?.resume();
    await monitor.ended;
  }
}

/** A line of busctl(1), if it is of that application's bake. */
function readStep(line: string, name: string): BakeStep | undefined {
  const message: unknown = JSON.parse(line);
  const { member, payload, 'timestamp-realtime': us } = asRecord(message);
  const { data } = asRecord(payload);
  if (!Array.isArray(data) || data[0] !== name) return undefined;
  const [phase, detail] = [String(data[1]), String(data[2])];
  const atMs = Number(us) / 1000;
  if (member === 'BakeProgress') return { phase, detail, atMs };
  if (member === 'BakeFailed') return { phase: 'failed', detail: `${phase}: ${detail}`, atMs };
  return undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
