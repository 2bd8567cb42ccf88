/**
 * A small HTTP server that listens on every socket systemd passed, and tells enough about itself for a test
 * to see whether it was booted or restored, and as whom it runs. It knows nothing of snapshots.
 */
import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const firstPassedFd = 3;
const tickMs = 50;
/** A kept connection that is silent for this long after SIGTERM is taken for idle. */
const quietMs = 1000;

/** Made once a boot: two answers with the same id come from the same boot, whatever lay between them. */
const bootId = randomUUID();
let ticks = 0;
let requests = 0;
let isStopping = false;

setInterval(() => {
  ticks += 1;
}, tickMs).unref();

/** Newer than the library that TypeScript is told to assume. */
interface ResizableBuffer extends ArrayBuffer {
  readonly resize: (bytes: number) => void;
}

const bufferBytes = 1 << 20;
const buffer = Reflect.construct(ArrayBuffer, [
  bufferBytes,
  { maxByteLength: 2 * bufferBytes },
]) as ResizableBuffer;
new Uint8Array(buffer).fill(0xab);

/** V8 gives back to the kernel what a buffer shrinks by. What it grows by is zeros: ECMA-262, 25.1.5.4. */
function shrinkAndGrow(): number {
  buffer.resize(0);
  buffer.resize(bufferBytes);
  return new Uint8Array(buffer).filter((byte) => byte !== 0).length;
}

function about(): object {
  return {
    bootId,
    ticks,
    requests,
    pid: process.pid,
    ppid: process.ppid,
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    groups: process.getgroups?.(),
    cwd: process.cwd(),
    environment: process.env,
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
    mountNamespace: readlinkSync('/proc/self/ns/mnt'),
    upSeconds: process.uptime(),
  };
}

function answer(response: ServerResponse, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Prints `text` on both streams, or the body of the request on standard output. */
async function print(request: IncomingMessage, response: ServerResponse, text: string | null): Promise<void> {
  const body = await readText(request);
  console.log(text ?? body);
  if (text !== null) console.error(`${text} (stderr)`);
  answer(response, { printed: text ?? body });
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const number = (name: string, otherwise: number): number => Number(searchParams.get(name) ?? otherwise);
  requests += 1;
  if (isStopping) response.setHeader('connection', 'close');
  switch (pathname) {
    case '/':
      answer(response, about());
      return;
    case '/peer':
      answer(response, { address: request.socket.remoteAddress, port: request.socket.remotePort });
      return;
    case '/print':
      void print(request, response, searchParams.get('text'));
      return;
    case '/shrink':
      answer(response, { nonzero: shrinkAndGrow() });
      return;
    case '/slow':
      setTimeout(
        () => {
          answer(response, { slept: number('ms', 0) });
        },
        number('ms', 0),
      );
      return;
    case '/exit':
      response.on('close', () => process.exit(number('code', 0)));
      response.writeHead(200, { connection: 'close' });
      response.end();
      return;
    case '/crash':
      process.kill(process.pid, searchParams.get('signal') ?? 'SIGSEGV');
      return;
    default:
      response.writeHead(404);
      response.end();
  }
}

/**
 * Ends after the requests that are under way, and says so: what SIGTERM is for. A kept connection may bring a request at
 * this very moment, and closing it would lose that: it is answered, with word that it was the last one.
 */
function stopGracefully(servers: readonly Server[]): void {
  console.log(`stopping after ${requests} requests`);
  isStopping = true;
  let open = servers.length;
  for (const server of servers) {
    // Not that of http.Server, which closes idle connections at once.
    NetServer.prototype.close.call(server, () => {
      open -= 1;
      if (open > 0) return;
      console.log('stopped');
      process.exit(0);
    });
  }
  setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, quietMs);
}

function listen(): readonly Server[] {
  const passed = process.env['LISTEN_PID'] === String(process.pid) ? Number(process.env['LISTEN_FDS']) : 0;
  if (passed === 0)
    throw new Error('no socket was passed (LISTEN_FDS, LISTEN_PID): start it through its .socket');
  return Array.from({ length: passed }, (_, index) =>
    createServer(respond).listen({ fd: firstPassedFd + index }),
  );
}

const servers = listen();
console.log(`listening on ${servers.length} sockets as boot ${bootId}`);
process.on('SIGUSR2', () => {
  console.log('told by SIGUSR2');
});
process.on('SIGTERM', () => {
  stopGracefully(servers);
});
