/**
 * Applications that keep connections to a database: a snapshot holds them closed, and the first request after a restore
 * is answered over a new one. A connection over TCP is closed by CRIU, one over a UNIX socket before the dump.
 */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, deploy, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { fetchFrom, type HttpRequest } from './http-client.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { mustRun } from './run-command.js';
import { systemctl } from './systemctl.js';

interface Stack {
  readonly name: string;
  readonly address: string;
  /** In the database, and of the processes. */
  readonly user: string;
}

const rails: Stack = { name: 'rails', address: '127.0.0.1:3000', user: 'deploy' };
const django: Stack = { name: 'django', address: '127.0.0.1:8000', user: 'notes' };
const pool: Stack = { name: 'pool', address: '127.0.0.1:5040', user: 'nobody' };

const ways = [
  {
    way: 'TCP',
    railsHas: 'DATABASE_URL=postgresql://deploy:secret@127.0.0.1/deploy',
    djangoHas: 'PGHOST=127.0.0.1 PGUSER=notes PGPASSWORD=secret PGDATABASE=notes',
    poolHas: 'PGHOST=127.0.0.1 PGUSER=nobody PGPASSWORD=secret',
  },
  {
    way: 'a UNIX socket',
    railsHas: 'DATABASE_URL=postgresql:///deploy',
    djangoHas: 'PGDATABASE=notes',
    poolHas: 'PGHOST=/var/run/postgresql PGUSER=nobody',
  },
];

async function installOn({ name }: Stack, environment: string): Promise<void> {
  await install(name, name);
  await deploy(name, ...environment.split(' '));
  await configure(name, `[Application]\nEnvironment=${environment}`);
}

/** How many connections its user has to the database. */
async function connectionsOf({ user }: Stack): Promise<number> {
  const query = `select count(*) from pg_stat_activity where usename = '${user}'`;
  const asUser = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
  return Number(await mustRun([...asUser, 'psql', '--no-psqlrc', '--tuples-only', '--command', query]));
}

/** The first request to the application, after a restore, is answered with `status` and by a body like `body`. */
async function assertFirst(
  { name, address }: Stack,
  path: string,
  [status, body]: readonly [status: number, body: RegExp],
  request: HttpRequest = {},
): Promise<void> {
  await stop(name);
  await forgetOutcome(name);
  const answer = await fetchFrom(address, path, request);
  assert.equal((await waitForOutcome(name)).how, 'restored');
  assert.equal(answer.status, status, answer.body);
  assert.match(answer.body, body);
}

describe('connections to PostgreSQL', () => {
  before(() => deploy('postgresql'));
  after(() => systemctl('stop', 'postgresql.service'));

  describe('in a pool of Active Record', () => {
    afterEach(async () => {
      await uninstall('rails');
      // Each deployment counts, and the tests of Rails itself begin with the first.
      await rm('/srv/rails', { recursive: true });
    });

    for (const { way, railsHas } of ways) {
      test(`over ${way}, do for a first request that reads and for one that writes`, async () => {
        await installOn(rails, railsHas);
        await bake('rails');
        for (let round = 0; round < 3; round += 1) {
          await assertFirst(rails, '/articles', [200, /\d+ articles/]);
          assert.ok((await connectionsOf(rails)) > 0, 'it keeps none');
          await assertFirst(rails, '/articles', [201, /"title":"First"/], {
            method: 'POST',
            headers: { 'content-type': 'application/json', accept: 'application/json' },
            body: JSON.stringify({ article: { title: 'First', body: 'Written by a test.' } }),
          });
        }
      });
    }
  });

  describe('of the workers of Django', () => {
    afterEach(() => uninstall('django'));

    /** How often `/notes.json` was answered with an error, of so many times that both workers had their turn. */
    const failures = async (): Promise<number> => {
      let failed = 0;
      for (let request = 0; request < 30; request += 1)
        if ((await fetchFrom(django.address, '/notes.json')).status !== 200) failed += 1;
      return failed;
    };

    for (const { way, djangoHas } of ways) {
      test(`over ${way}, do for the first requests if Django looks at them before`, async () => {
        await installOn(django, djangoHas);
        await bake('django');
        for (let round = 0; round < 3; round += 1) {
          await assertFirst(django, '/notes.json', [200, /"title": "Note 30"/]);
          assert.equal(await failures(), 0);
          assert.ok((await connectionsOf(django)) > 0, 'it keeps none');
        }
      });
    }

    test('fail once if it does not', async () => {
      await installOn(django, 'PGDATABASE=notes CONN_HEALTH_CHECKS=no');
      await bake('django');
      await stop('django');
      const first = await failures();
      assert.ok(first > 0);
      // A worker may have its first turn late, but none fails twice.
      assert.ok(first + (await failures()) <= 2);
    });
  });

  describe('in a pool of node-postgres', () => {
    afterEach(() => uninstall('pool'));

    for (const { way, poolHas } of ways) {
      test(`over ${way}, do for a first request that uses all of them`, async () => {
        await installOn(pool, poolHas);
        await bake('pool');
        for (let round = 0; round < 3; round += 1) {
          await assertFirst(pool, '/', [200, /^\{"rows":\[(\{"backend":\d+.*?\},?){3}\]\}/]);
          assert.equal(await connectionsOf(pool), 3);
        }
      });
    }
  });
});
