/**
 * Two workers of node:cluster on the socket that systemd, or a bake, passes to their primary. Each says which worker
 * answers; /slow takes its time; /print?TEXT prints. The primary replaces a worker that dies, and ends after the last.
 */
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const firstPassedFd = 3;
const slowMs = 700;

function lead(): void {
  let isStopping = false;
  // cluster.workers forgets a worker that only has disconnected, and still answers.
  let alive = 2;
  for (let worker = 0; worker < alive; worker += 1) cluster.fork();
  cluster.on('exit', () => {
    if (!isStopping) cluster.fork();
    else if ((alive -= 1) === 0) process.exit(0);
  });
  process.on('SIGTERM', () => {
    isStopping = true;
    cluster.disconnect();
  });
}

function work(): void {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const text = search.slice(1);
    if (pathname === '/print') {
      console.log(text);
      console.error(`${text} (stderr)`);
    }
    void sleep(pathname === '/slow' ? slowMs : 0).then(() => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ pid: process.pid, ppid: process.ppid }));
    });
  });
  server.listen({ fd: firstPassedFd }, () => {
    console.log(`worker ${process.pid} serves`);
  });
}

if (cluster.isPrimary) lead();
else work();
