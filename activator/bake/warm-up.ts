// Asks an application whether it is ready, and warms it up. Knows addresses and paths, not how they came to be.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../../generator/config/application.js';
import { GrenadineError } from '../../generator/config/error.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { fastcgiGet } from './fastcgi-request.js';
import { requestStatus } from './http-request.js';

type Warmup = Application['warmup'];

/** A single warm-up request may take this long before the bake gives up. */
const requestTimeoutMs = 30_000;

/**
 * Resolves when `ReadyPath=` is answered with a status below 500. The listener exists before the application does, so
 * the first request waits in its accept queue and nothing is polled while the application boots; only an application
 * that answers with an error is asked again, every quarter of a second.
 */
export async function waitUntilReady(
  address: ScratchAddress,
  warmup: Warmup,
  nowMs: () => number,
): Promise<void> {
  const until = nowMs() + warmup.readyTimeoutMs;
  let last = 'nothing';
  for (;;) {
    const leftMs = until - nowMs();
    if (leftMs <= 0)
      throw new GrenadineError(
        'not-ready',
        `GET ${warmup.readyPath} was not answered with a status below 500 within ${warmup.readyTimeoutMs / 1000} s ` +
          `(ReadyTimeoutSec=); the last answer was ${last}.`,
      );
    try {
      const status = await ask(address, warmup, warmup.readyPath, leftMs);
      if (status > 0 && status < 500) return;
      last = `status ${status}`;
    } catch (error) {
      last =
        error instanceof GrenadineError && error.cause instanceof Error ? error.cause.message : String(error);
    }
    await sleep(Math.min(250, Math.max(0, until - nowMs())));
  }
}

/** Sends every `Request=`, `Repeat=` times; what is answered with an error is counted, not fatal: the dump is still good. */
export async function warmUp(
  address: ScratchAddress,
  warmup: Warmup,
  progress: (done: number, total: number) => void,
): Promise<{ readonly sent: number; readonly failed: number }> {
  const requests = Array.from({ length: warmup.repeat }, () => warmup.requests).flat();
  let failed = 0;
  for (const [index, { path }] of requests.entries()) {
    const status = await ask(address, warmup, path, requestTimeoutMs).catch(() => 0);
    if (status === 0 || status >= 500) failed += 1;
    progress(index + 1, requests.length);
  }
  return { sent: requests.length, failed };
}

/** In the protocol that the application speaks; answers the status. */
function ask(
  address: ScratchAddress,
  { scriptFilename, host }: Warmup,
  path: string,
  timeoutMs: number,
): Promise<number> {
  return scriptFilename === undefined
    ? requestStatus(address, { method: 'GET', path }, host, timeoutMs)
    : fastcgiGet(address, scriptFilename, path, host, timeoutMs);
}
