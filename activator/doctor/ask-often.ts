// Asks a restored application the same a hundred times, for its answers to be compared with those of another restore.
// Knows addresses and paths, not what answers mean.

import type { Application } from '../../generator/config/application.js';
import { fastcgiAnswer } from '../bake/fastcgi-request.js';
import { requestAnswer } from '../bake/http-request.js';
import type { Answer } from '../bake/repeated-tokens.js';
import type { ScratchAddress } from '../control/control-reply.js';

const times = 100;
/** An application that takes longer is asked fewer times. */
const mostMs = 60_000;
const requestTimeoutMs = 10_000;
/** Tokens of a page stand in its beginning, or in its forms. */
const mostBodyBytes = 256 * 1024;

/** One request at a time. What gets no answer is left out. */
export async function askOften(
  address: ScratchAddress,
  path: string,
  { snapshot, warmup }: Application,
  nowMs: () => number,
): Promise<readonly Answer[]> {
  const until = nowMs() + mostMs;
  const ask = async (method: 'GET' | 'POST', target: string): Promise<readonly Answer[]> => {
    const { host, scriptFilename } = warmup;
    const answer =
      scriptFilename === undefined
        ? requestAnswer(address, { method, path: target }, host, requestTimeoutMs, mostBodyBytes)
        : fastcgiAnswer(address, scriptFilename, target, host, requestTimeoutMs);
    return answer.then(
      (given) => [{ request: `${method} ${target}`, ...given }],
      () => [],
    );
  };
  // What reseeds it after a restore does so here; a command may reach farther than to the application.
  for (const hook of snapshot.afterRestore) if (hook.kind === 'request') await ask(hook.method, hook.path);
  const answers: Answer[] = [];
  for (let asked = 0; asked < times && nowMs() < until; asked += 1) answers.push(...(await ask('GET', path)));
  return answers;
}
