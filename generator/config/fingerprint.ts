// Fingerprints of the configuration, in 16 hex digits: of what a snapshot was made from, and of the sockets that systemd
// passes to the unit. Reads nothing but the Application.
import { createHash } from 'node:crypto';
import type { Application, Hook } from './application.js';

/** Raised when the meaning of what is hashed changes, so that old snapshots go stale. */
const FORM = 1;

/**
 * Of everything that shapes the process or its snapshot, in a fixed order. Description=, Keep= and the access to the
 * sockets are left out: they may change under a running snapshot.
 */
export function fingerprintOf(application: Application): string {
  const { warmup, snapshot } = application;
  const canonical: readonly unknown[] = [
    FORM,
    application.execStart,
    application.user ?? null,
    application.group ?? null,
    application.workingDirectory ?? null,
    application.environment,
    application.environmentFiles,
    application.listen.map(({ text }) => text),
    application.sockets,
    [
      warmup.readyPath,
      warmup.readyTimeoutMs,
      warmup.host,
      warmup.requests.map(({ method, path }) => [method, path]),
      warmup.repeat,
      // Last and only where it is set: snapshots of before this key stay valid.
      ...(warmup.scriptFilename === undefined ? [] : [warmup.scriptFilename]),
      ...warmup.send.map((bytes) => ['send', bytes.toString('base64')]),
    ],
    [
      ...[snapshot.enable, snapshot.ghostLimitBytes, snapshot.memory, snapshot.presets],
      // Nothing where nothing is said, as before there were these keys.
      ...(snapshot.reuse === 'auto' ? [] : [['reuse', snapshot.reuse]]),
      ...snapshot.beforeDump.map(formOf),
      ...snapshot.afterRestore.map((hook) => ['after', formOf(hook)]),
      ...(snapshot.seed === undefined ? [] : [['seed', snapshot.seed]]),
    ],
    application.release.path ?? null,
  ];
  return digest(canonical);
}

function formOf(hook: Hook): string | readonly string[] {
  switch (hook.kind) {
    case 'signal':
      return hook.signal;
    case 'request':
      return [hook.method, hook.path];
    case 'command':
      return ['command', ...hook.words];
  }
}

/** Of the addresses in their order: while it stays the same, a unit that runs holds the right sockets. */
export function socketsFingerprintOf({ listen }: Application): string {
  return digest(listen.map(({ text }) => text));
}

function digest(canonical: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 16);
}
