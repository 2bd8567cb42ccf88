// Bytes sent to a scratch address and answered by anything, for protocols of which nothing else is known.

import { createConnection } from 'node:net';
import { GrenadineError } from '../../generator/config/error.js';
import type { ScratchAddress } from '../control/control-reply.js';

/** How long the application may take to close a connection that it was told the end of. */
const goodbyeMs = 1000;

/**
 * Resolves when something came back and the connection is closed, by the application where it does so within a second.
 * Where it speaks first, `bytes` are none. Rejects with `request-failed` when nothing came within `timeoutMs`.
 */
export function sendBytes(address: ScratchAddress, bytes: Buffer, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const target =
      address.kind === 'tcp' ? { host: address.host, port: address.port } : { path: address.path };
    const socket = createConnection(target);
    let answered = false;
    let why = new Error(`nothing came within ${Math.ceil(timeoutMs) / 1000} s`);
    const timer = setTimeout(() => socket.destroy(), Math.ceil(timeoutMs));
    socket.on('data', () => {
      if (answered) return;
      answered = true;
      socket.end();
      setTimeout(() => socket.destroy(), goodbyeMs).unref();
    });
    socket.on('end', () => {
      why = new Error('the connection was closed without an answer');
    });
    socket.on('error', (error) => {
      why = error;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      if (answered) resolve();
      else
        reject(new GrenadineError('request-failed', 'What was sent (Send=) got no answer.', { cause: why }));
    });
    socket.write(bytes);
  });
}
