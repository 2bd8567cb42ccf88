// Asks an application whether it is ready, and warms it up. Knows addresses and questions, not how they came to be.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../../generator/config/application.js';
import { GrenadineError } from '../../generator/config/error.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { sendBytes } from './bytes-request.js';
import { fastcgiGet } from './fastcgi-request.js';
import { requestStatus } from './http-request.js';

type Warmup = Application['warmup'];

/** One thing to ask, in the protocol that the application speaks. */
interface Question {
  /** A sentence without its end: what would be the answer. */
  readonly wanted: string;
  /** Answers what it was instead, or undefined where it was that; rejects where there is no answer. */
  readonly ask: (address: ScratchAddress, timeoutMs: number) => Promise<string | undefined>;
}

/** A single warm-up request may take this long before the bake gives up. */
const requestTimeoutMs = 30_000;

/**
 * Resolves when `ReadyPath=` is answered with a status below 500, or the first `Send=` with anything. The listener exists
 * before the application does, so the first request waits in its accept queue and nothing is polled while the application
 * boots; only an application that answers with an error is asked again, every quarter of a second.
 */
export async function waitUntilReady(
  address: ScratchAddress,
  warmup: Warmup,
  nowMs: () => number,
): Promise<void> {
  const { wanted, ask } = readiness(warmup);
  const until = nowMs() + warmup.readyTimeoutMs;
  let last = 'nothing';
  for (;;) {
    const leftMs = until - nowMs();
    if (leftMs <= 0)
      throw new GrenadineError(
        'not-ready',
        `${wanted} within ${warmup.readyTimeoutMs / 1000} s (ReadyTimeoutSec=); the last answer was ${last}.`,
      );
    try {
      const other = await ask(address, leftMs);
      if (other === undefined) return;
      last = other;
    } catch (error) {
      last =
        error instanceof GrenadineError && error.cause instanceof Error ? error.cause.message : String(error);
    }
    await sleep(Math.min(250, Math.max(0, until - nowMs())));
  }
}

/** Asks everything, `Repeat=` times; what is answered with an error is counted, not fatal: the dump is still good. */
export async function warmUp(
  address: ScratchAddress,
  warmup: Warmup,
  progress: (done: number, total: number) => void,
): Promise<{ readonly sent: number; readonly failed: number }> {
  const questions = Array.from({ length: warmup.repeat }, () => listOf(warmup)).flat();
  let failed = 0;
  for (const [index, { ask }] of questions.entries()) {
    const other = await ask(address, requestTimeoutMs).catch(() => 'nothing');
    if (other !== undefined) failed += 1;
    progress(index + 1, questions.length);
  }
  return { sent: questions.length, failed };
}

function readiness(warmup: Warmup): Question {
  const [first] = warmup.send;
  return first === undefined ? requestOf(warmup, warmup.readyPath) : bytesOf(first);
}

function listOf(warmup: Warmup): readonly Question[] {
  return warmup.send.length > 0
    ? warmup.send.map(bytesOf)
    : warmup.requests.map(({ path }) => requestOf(warmup, path));
}

function requestOf({ scriptFilename, host }: Warmup, path: string): Question {
  return {
    wanted: `GET ${path} was not answered with a status below 500`,
    ask: async (address, timeoutMs) => {
      const status = await (scriptFilename === undefined
        ? requestStatus(address, { method: 'GET', path }, host, timeoutMs)
        : fastcgiGet(address, scriptFilename, path, host, timeoutMs));
      return status > 0 && status < 500 ? undefined : `status ${status}`;
    },
  };
}

function bytesOf(bytes: Buffer): Question {
  return {
    wanted: 'What was sent (Send=) was not answered',
    ask: async (address, timeoutMs) => {
      await sendBytes(address, bytes, timeoutMs);
      return undefined;
    },
  };
}
