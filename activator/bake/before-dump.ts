// Tells an application that it is about to be dumped: BeforeDump=, one after the other.

import type { Hook } from '../../generator/config/application.js';
import { GrenadineError } from '../../generator/config/error.js';
import type { Launcher } from '../control/control-client.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { requestStatus, type HttpRequest } from './http-request.js';

const requestTimeoutMs = 30_000;

/** Rejects with `before-dump-failed` at the first request that is not answered with a status below 400. */
export async function tellBeforeDump(
  hooks: readonly Hook[],
  address: ScratchAddress,
  host: string,
  launcher: Pick<Launcher, 'kill'>,
): Promise<void> {
  for (const hook of hooks) {
    if (hook.kind === 'signal') await launcher.kill(hook.signal);
    else await ask(address, hook, host);
  }
}

async function ask(address: ScratchAddress, request: HttpRequest, host: string): Promise<void> {
  const what = `${request.method} ${request.path} of BeforeDump=`;
  const status = await requestStatus(address, request, host, requestTimeoutMs).catch((cause: unknown) => {
    throw new GrenadineError('before-dump-failed', `${what} got no answer.`, { cause });
  });
  if (status === 0 || status >= 400)
    throw new GrenadineError('before-dump-failed', `${what} was answered with status ${status}.`);
}
