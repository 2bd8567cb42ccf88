// The canary: an application of ours that is made, baked, started by a connection and taken away again, all by the same
// ways as any other, to see whether this host dumps and restores. Decides the order, and what each failure is a row of.

import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { GrenadineError } from '../../generator/config/error.js';
import type { Applications } from '../applications.js';
import { requestText } from '../bake/http-request.js';
import type { Controller } from '../controller.js';
import { answerChecks } from './canary-answer.js';
import { failed, ok, type Check } from './check.js';
import { causeOf, withCause } from './criu-causes.js';

export const canaryName = 'grenadine-doctor';
const canarySocket = '/run/grenadine/grenadine-doctor.sock';

const program = '/usr/lib/grenadine/grenadine-canary';
const answerTimeoutMs = 30_000;
const reportTimeoutMs = 5000;

export interface CanaryTools {
  readonly applications: Applications;
  readonly controller: Pick<Controller, 'bake' | 'nextReport'>;
  /** Makes a transient application of it, whose sockets are open, and which does not run. */
  readonly define: (name: string, text: string) => Promise<void>;
  /** Takes it away again, with all that is stored of it. */
  readonly remove: (name: string) => Promise<void>;
  readonly progress: (phase: string, detail: string) => void;
}

/** Codes of define() that mean that nothing was made: what has the name then is somebody else's. */
const nothingMade = ['application-exists', 'invalid-configuration'];

/** Nothing of it is left afterwards, whatever happens. */
export async function tryCanary(tools: CanaryTools): Promise<readonly Check[]> {
  const port = await freePort();
  try {
    await tools.define(canaryName, configuration(port));
  } catch (error) {
    const isNothingMade = error instanceof GrenadineError && nothingMade.includes(error.code);
    return [failure(error), ...(isNothingMade ? [] : await remove(tools))];
  }
  const checks = await bakeAndConnect(port, tools).catch((error: unknown) => [failure(error)]);
  return [...checks, ...(await remove(tools))];
}

async function bakeAndConnect(port: number, tools: CanaryTools): Promise<readonly Check[]> {
  const snapshot = await tools.controller.bake(canaryName);
  return [ok('bake', 'booted, dumped and restored once'), ...(await connect(port, snapshot, tools))];
}

async function remove(tools: CanaryTools): Promise<readonly Check[]> {
  tools.progress('removing', '');
  try {
    await tools.remove(canaryName);
    // systemd leaves it (RemoveOnStop= of systemd.socket(5)), for sockets of others may have been put there.
    await rm(canarySocket, { force: true });
    return [];
  } catch (error) {
    const advice = 'systemctl restart grenadine-activator.service takes away what is left';
    return [failed('removal', error instanceof Error ? error.message : String(error), advice)];
  }
}

function configuration(port: number): string {
  return `[Application]
Description=Grenadine's canary, gone in a moment
ExecStart=${program}
ListenStream=127.0.0.1:${port}
ListenStream=${canarySocket}
Sockets=pass
[Warmup]
Repeat=1
`;
}

/** The first connection starts it. */
async function connect(
  port: number,
  snapshot: string,
  { applications, controller, progress }: CanaryTools,
): Promise<readonly Check[]> {
  progress('connecting', '');
  const ask = (path: string | undefined): ReturnType<typeof requestText> =>
    requestText(
      path === undefined ? { kind: 'tcp', host: '127.0.0.1', port } : { kind: 'unix', path },
      { method: 'GET', path: '/' },
      'localhost',
      answerTimeoutMs,
    );
  const first = ask(undefined);
  const reported = controller.nextReport(canaryName, first, reportTimeoutMs);
  const { body } = await first;
  const outcome = await reported;
  if (outcome?.how !== 'restored' || outcome.snapshot !== snapshot) {
    const why = outcome === undefined ? 'the launcher reported nothing' : `it came up ${outcome.how}`;
    const detail = [outcome?.detail, ...(outcome?.failed ?? []).map(({ text }) => text)].filter(Boolean);
    return [unhappy('restore', [why, ...detail].join(': '))];
  }
  const ms = ((outcome.timingsUs['ready'] ?? 0) / 1000).toFixed(0);
  return [
    ok('restore', `by the first connection, in ${ms} ms`),
    memoryCheck(applications, snapshot),
    ...answerChecks(body, 'tcp'),
    ...answerChecks((await ask(canarySocket)).body, 'unix'),
  ];
}

function memoryCheck(applications: Applications, snapshot: string): Check {
  const stored = applications.find(canaryName)?.snapshots.find(({ id }) => id === snapshot);
  const memory = stored?.manifest.memory;
  return memory?.kind === 'mapped'
    ? ok('mapped memory', `${Math.round(memory.bytes / 1024)} KiB are mapped, not read`)
    : failed(
        'mapped memory',
        `the memory is copied: ${memory?.why ?? 'no snapshot of the canary is stored'}`,
        'is /var/lib/grenadine/ on a file system without holes or mmap(2)? ext4, xfs and btrfs have both',
      );
}

/** Each step of a bake is a row of its own. */
const rows: Readonly<Record<string, string>> = {
  'dump-failed': 'dump',
  'not-ready': 'boot',
  'launcher-gone': 'boot',
  'restore-failed': 'proof',
  'restore-timeout': 'proof',
  'no-criu': 'criu',
};

function failure(error: unknown): Check {
  const inner = error instanceof GrenadineError && error.code === 'bake-failed' ? error.cause : error;
  const code = inner instanceof GrenadineError ? inner.code : 'internal';
  return unhappy(rows[code] ?? 'canary', inner instanceof Error ? inner.message : String(inner));
}

function unhappy(row: string, detail: string): Check {
  const otherwise = `see the rows above, and: journalctl -u ${canaryName}-bake -u grenadine-activator`;
  return failed(row, withCause(detail), causeOf(detail)?.advice ?? otherwise);
}

/** One that nobody listens on: the kernel's choice. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new GrenadineError('no-port', 'No TCP port is free on 127.0.0.1.'));
      });
    });
  });
}
