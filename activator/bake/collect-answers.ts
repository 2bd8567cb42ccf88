// Asks a restored application the same few times over, for its answers to be compared with those of another restore.
// Knows addresses and paths; what the answers mean is in repeated-tokens.ts.

import type { Application } from '../../generator/config/application.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { sendBytes } from './bytes-request.js';
import { fastcgiAnswer } from './fastcgi-request.js';
import { requestAnswer } from './http-request.js';
import type { Answer } from './repeated-tokens.js';

/** Twice would do to see what varies; of several processes, three times meet the same one more often. */
const rounds = 3;
/** Of a long list of warm-up requests the first ones: a bake is not to take much longer for it. */
const mostPaths = 8;
const requestTimeoutMs = 10_000;
/** After that no more is asked: what has been answered has to do. */
const mostMs = 20_000;
/** Tokens of a page stand in its beginning, or in its forms. */
const mostBodyBytes = 256 * 1024;

/** One request at a time, so that the same request of another restore is the same in number. What gets no answer is left out. */
export async function collectAnswers(
  address: ScratchAddress,
  warmup: Application['warmup'],
): Promise<readonly Answer[]> {
  const questions = questionsOf(address, warmup).slice(0, mostPaths);
  const list = Array.from({ length: rounds }, () => questions).flat();
  const late = AbortSignal.timeout(mostMs);
  const answers: Answer[] = [];
  for (const ask of list) if (!late.aborted) answers.push(...(await ask()));
  return answers;
}

function questionsOf(
  address: ScratchAddress,
  warmup: Application['warmup'],
): readonly (() => Promise<readonly Answer[]>)[] {
  if (warmup.send.length > 0) return warmup.send.map((bytes) => () => answerToBytes(address, bytes));
  const paths = [...new Set([warmup.readyPath, ...warmup.requests.map(({ path }) => path)])];
  return paths.map((path) => () => answerTo(address, warmup, path));
}

async function answerTo(
  address: ScratchAddress,
  { host, scriptFilename }: Application['warmup'],
  path: string,
): Promise<readonly Answer[]> {
  const answer =
    scriptFilename === undefined
      ? requestAnswer(address, { method: 'GET', path }, host, requestTimeoutMs, mostBodyBytes)
      : fastcgiAnswer(address, scriptFilename, path, host, requestTimeoutMs);
  return answer.then(
    (given) => [{ request: `GET ${path}`, ...given }],
    () => [],
  );
}

async function answerToBytes(address: ScratchAddress, bytes: Buffer): Promise<readonly Answer[]> {
  return sendBytes(address, bytes, requestTimeoutMs).then(
    (body) => [{ request: `Send=${JSON.stringify(bytes.toString('latin1'))}`, headers: [], body }],
    () => [],
  );
}
