// One HTTP request to a scratch address, the whole answer read, the connection closed. The only user of node:http.

import { request } from 'node:http';
import { GrenadineError } from '../../generator/config/error.js';
import type { ScratchAddress } from '../control/control-reply.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

/** Answers the response's status; rejects with `request-failed` when there is none within `timeoutMs`. */
export function requestStatus(
  address: ScratchAddress,
  { method, path }: HttpRequest,
  host: string,
  timeoutMs: number,
): Promise<number> {
  const target =
    address.kind === 'tcp' ? { host: address.host, port: address.port } : { socketPath: address.path };
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => {
      reject(new GrenadineError('request-failed', `${method} ${path} got no answer.`, { cause }));
    };
    const sent = request(
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
        response.resume();
      },
    );
    sent.on('error', failed);
    sent.end();
  });
}
