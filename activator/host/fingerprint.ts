// Looks at the host once: kernel, CPU, memory and CRIU. The only file that uses systeminformation, which runs lscpu.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { arch, release } from 'node:os';
import { cpu, mem } from 'systeminformation';
import { GrenadineError } from '../../generator/config/error.js';
import { criuPlaces, judgeCriu, type Criu, type CriuPlaces } from './criu.js';
import type { HostFingerprint } from './differences.js';

const uncalledLibraries = '/usr/lib/grenadine/uncalled';

/** The shape of activator/run-command.ts. */
export type RunCommand = (
  argv: readonly [string, ...string[]],
  options: { readonly timeoutMs: number },
) => Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;

/** `host-unknown` when the CPU cannot be read within `deadlineMs`. About 20 ms, most of it lscpu. */
export async function hostFingerprint(
  runCommand: RunCommand,
  places: CriuPlaces = criuPlaces,
  deadlineMs = 3000,
): Promise<HostFingerprint> {
  const [processor, memory, criu] = await Promise.all([
    within(deadlineMs, cpu()),
    within(deadlineMs, mem()),
    findCriu(runCommand, places, deadlineMs),
  ]);
  const flags = [...new Set(processor.flags.split(' '))].sort().join(' ');
  return {
    kernel: release(),
    architecture: arch(),
    cpuModel: [processor.manufacturer, processor.brand].filter((word) => word !== '').join(' '),
    cpuFlags: createHash('sha256').update(flags).digest('hex').slice(0, 16),
    memoryBytes: memory.total,
    criu,
  };
}

/** One that cannot be used is no error: applications then boot cold. */
async function findCriu(runCommand: RunCommand, places: CriuPlaces, timeoutMs: number): Promise<Criu> {
  for (const path of places) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    const version = await versionOf(runCommand, path, timeoutMs).catch(() => undefined);
    if (version === undefined) return { kind: 'broken', path };
    const mtimeSec = Math.floor(found.mtimeMs / 1000);
    const without = await doesWithout(runCommand, path, timeoutMs).catch(() => false);
    return judgeCriu({ path, size: found.size, mtimeSec, version, doesWithout: without });
  }
  return { kind: 'missing', path: places[0] };
}

async function versionOf(
  runCommand: RunCommand,
  path: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const { status, stdout } = await runCommand([path, '--version'], { timeoutMs });
  return status === 0 ? /^Version:\s*(\S+)/m.exec(stdout)?.[1] : undefined;
}

/**
 * Whether CRIU starts with nothing in place of the libraries that a restore calls no function of: in versions that they
 * do not stand for, ld.so(8) misses a symbol.
 */
async function doesWithout(runCommand: RunCommand, path: string, timeoutMs: number): Promise<boolean> {
  const environment = [`LD_LIBRARY_PATH=${uncalledLibraries}`, 'LD_BIND_NOW=1'];
  const { status } = await runCommand(['/usr/bin/env', ...environment, path, '--version'], { timeoutMs });
  return status === 0 && existsSync(uncalledLibraries);
}

async function within<Value>(deadlineMs: number, answer: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new GrenadineError('host-unknown', `the CPU did not say what it is within ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
