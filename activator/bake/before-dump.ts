// Tells an application that it is about to be dumped: BeforeDump=, one after the other.

import type { Hook } from '../../generator/config/application.js';
import { GrenadineError } from '../../generator/config/error.js';
import type { Launcher } from '../control/control-client.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { requestStatus, type HttpRequest } from './http-request.js';

const requestTimeoutMs = 30_000;

/** Rejects with `before-dump-failed` at the first request that is not answered with a status below 400, and the first
 *  command that fails. */
export async function tellBeforeDump(
  hooks: readonly Hook[],
  address: ScratchAddress,
  host: string,
  launcher: Pick<Launcher, 'kill' | 'run'>,
): Promise<void> {
  for (const hook of hooks) {
    switch (hook.kind) {
      case 'signal':
        await launcher.kill(hook.signal);
        break;
      case 'request':
        await ask(address, hook, host);
        break;
      case 'command':
        await launcher.run(hook.words).catch(explainCommand);
        break;
    }
  }
}

/** What it wrote itself stands in the journal of the bake. */
function explainCommand(cause: unknown): never {
  if (!(cause instanceof GrenadineError) || cause.code !== 'command-failed') throw cause;
  throw new GrenadineError('before-dump-failed', `BeforeDump=: ${cause.message}`, { cause });
}

async function ask(address: ScratchAddress, request: HttpRequest, host: string): Promise<void> {
  const what = `${request.method} ${request.path} of BeforeDump=`;
  const status = await requestStatus(address, request, host, requestTimeoutMs).catch((cause: unknown) => {
    throw new GrenadineError('before-dump-failed', `${what} got no answer.`, { cause });
  });
  if (status === 0 || status >= 400)
    throw new GrenadineError('before-dump-failed', `${what} was answered with status ${status}.`);
}
