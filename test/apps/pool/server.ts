/**
 * A Node server with a pool of connections to PostgreSQL, which is named by PGHOST= and its like. It keeps them for as
 * long as it runs, and says of each answer which connection it came over.
 */
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

interface Pool {
  readonly query: (text: string) => Promise<{ readonly rows: readonly unknown[] }>;
  readonly on: (event: 'error', listener: (error: Error) => void) => void;
}

// Debian's modules are found by require() alone, and have no types: this is what is used of pg(3).
const { Pool } = createRequire(import.meta.url)('pg') as {
  readonly Pool: new (options: { readonly max: number; readonly idleTimeoutMillis: number }) => Pool;
};

const firstPassedFd = 3;

const pool = new Pool({ max: 3, idleTimeoutMillis: 0 });
// Without this, a connection that the database closes while it is idle ends the program.
pool.on('error', (error) => {
  console.error(`a connection was lost: ${error.message}`);
});

function answer(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function respond(response: ServerResponse): Promise<void> {
  try {
    // As many at once as the pool holds, so that all of it is used.
    const results = await Promise.all(
      [1, 2, 3].map(() => pool.query('select pg_backend_pid() as backend, pg_sleep(0.01)')),
    );
    answer(response, 200, { rows: results.flatMap(({ rows }) => rows) });
  } catch (error) {
    answer(response, 500, { error: error instanceof Error ? error.message : String(error) });
  }
}

createServer((_request, response) => void respond(response)).listen({ fd: firstPassedFd });
