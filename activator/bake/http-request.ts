// One HTTP request to a scratch address, the whole answer read, the connection closed. The only user of node:http.

import { request as open, type IncomingMessage } from 'node:http';
import { GrenadineError } from '../../generator/config/error.js';
import type { ScratchAddress } from '../control/control-reply.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** Answers the response's status; rejects with `request-failed` when there is none within `timeoutMs`. */
export async function requestStatus(
  address: ScratchAddress,
  request: HttpRequest,
  host: string,
  timeoutMs: number,
): Promise<number> {
  return await send(address, request, host, timeoutMs, (response) => response.resume());
}

/** The same with the text of the answer, which is kept in memory: for one of ours, that is small. */
export async function requestText(
  address: ScratchAddress,
  request: HttpRequest,
  host: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  let body = '';
  const status = await send(address, request, host, timeoutMs, (response) => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
  });
  return { status, body };
}

/** The same with all that was answered, of the body as much as `mostBytes`, as Latin-1. */
export async function requestAnswer(
  address: ScratchAddress,
  request: HttpRequest,
  host: string,
  timeoutMs: number,
  mostBytes: number,
): Promise<{ readonly headers: readonly (readonly [string, string])[]; readonly body: string }> {
  let body = '';
  let headers: readonly (readonly [string, string])[] = [];
  await send(address, request, host, timeoutMs, (response) => {
    headers = Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
      values.map((value) => [name, value] as const),
    );
    response.setEncoding('latin1').on('data', (chunk: string) => {
      if (body.length < mostBytes) body += chunk.slice(0, mostBytes - body.length);
    });
  });
  return { headers, body };
}

function send(
  address: ScratchAddress,
  { method, path }: HttpRequest,
  host: string,
  timeoutMs: number,
  read: (response: IncomingMessage) => void,
): Promise<number> {
  const target =
    address.kind === 'tcp' ? { host: address.host, port: address.port } : { socketPath: address.path };
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => {
      reject(new GrenadineError('request-failed', `${method} ${path} got no answer.`, { cause }));
    };
    const sent = open(
      {
        ...target,
        path,
        method,
        // No connection may outlive its answer: what is open at the dump is closed in the snapshot.
        agent: false,
        headers: { host, connection: 'close', 'user-agent': 'grenadine-bake' },
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      },
      (response) => {
        response.on('error', failed);
        response.on('end', () => {
          resolve(response.statusCode ?? 0);
        });
        read(response);
      },
    );
    sent.on('error', failed);
    sent.end();
  });
}
