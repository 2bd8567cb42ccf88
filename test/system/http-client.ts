/** One HTTP request, on a new connection, to a TCP or UNIX address. It never tries again: a refusal fails the test. */
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** The port that this client had, 0 on a UNIX socket. */
  readonly clientPort: number;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

/** A cold boot of Rails on a busy machine fits into this, with room. */
const defaultTimeoutMs = 30_000;

/** `address` is `127.0.0.1:4000`, `[::1]:4000` or the path of a UNIX socket. */
export function fetchFrom(address: string, path: string, options: HttpRequest = {}): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...target(address),
        path,
        method: options.method ?? 'GET',
        headers: { ...options.headers },
        agent: false,
        signal: AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        const clientPort = response.socket.localPort ?? 0;
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body, clientPort });
        });
      },
    );
    sent.once('error', (cause) => {
      reject(new Error(`${address}${path}: ${cause.message}`, { cause }));
    });
    sent.end(options.body);
  });
}

/** Only connects; the caller sends when it likes. */
export function connectTo(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(connection(address), () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function target(address: string): { host: string; port: number } | { socketPath: string } {
  const to = connection(address);
  return 'path' in to ? { socketPath: to.path } : to;
}

function connection(address: string): { host: string; port: number } | { path: string } {
  if (address.startsWith('/')) return { path: address };
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
