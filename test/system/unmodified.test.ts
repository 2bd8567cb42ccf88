/**
 * Applications as they come, each with the command that an ordinary unit would have: each is told an address, and binds
 * it by itself, and each has a log or a database that grows, so that a later restore finds another one.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { configure, firstConnection, install, stop, uninstall } from './application.js';
import { bake, grenadine } from './grenadine.js';
import { fetchFrom, type HttpAnswer } from './http-client.js';
import { memoryOf } from './memory.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';
import { mustRun } from './run-command.js';
import { showUnit } from './systemctl.js';

interface Stack {
  /** Of the application, and of its folder in test/apps/ unless `program` is that. */
  readonly name: string;
  readonly program?: string;
  readonly address: string;
  readonly path: string;
  /** Adds one to what it counts while it runs, where its answers do not do so by themselves. */
  readonly grow?: () => Promise<void>;
  readonly memory: readonly ['mapped' | 'copied', why: RegExp];
}

const mapped = ['mapped', /^$/] as const;

/** As the user of the project, beside it. */
async function addNote(): Promise<void> {
  const asUser = ['setpriv', '--reuid=notes', '--regid=notes', '--clear-groups'];
  const row = "insert into notes_note (title, written) values ('One more', datetime('now'))";
  await mustRun([...asUser, 'sqlite3', '/srv/django/shared/notes.sqlite3', row]);
}

async function addArticle(): Promise<void> {
  const { status } = await fetchFrom('127.0.0.1:5060', '/articles.json', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ article: { title: 'One more', body: 'Written by a test.' } }),
  });
  assert.equal(status, 201);
}

const stacks: readonly Stack[] = [
  {
    ...{ name: 'rails-server', address: '127.0.0.1:5060', path: '/articles.json', memory: mapped },
    grow: addArticle,
  },
  { name: 'sinatra', address: '127.0.0.1:5061', path: '/', memory: mapped },
  {
    ...{ name: 'gunicorn', address: '127.0.0.1:5062', path: '/notes.json', memory: mapped },
    grow: addNote,
  },
  { name: 'express', address: '[::1]:5063', path: '/', memory: mapped },
  { name: 'node-listen', address: '127.0.0.1:5064', path: '/', memory: mapped },
  { name: 'tomcat-stock', address: '127.0.0.1:8080', path: '/visits/', memory: mapped },
  {
    ...{ name: 'erlang', address: '127.0.0.1:5066', path: '/erl/visits:answer' },
    memory: ['copied', /beam\.smp' discards or moves memory, and may count on zeros there$/],
  },
  {
    ...{ name: 'go-server', address: '127.0.0.1:5067', path: '/' },
    memory: ['copied', /^'\/srv\/go-server\/visits' is written in Go, and asks the kernel by itself$/],
  },
  { name: 'php', address: '127.0.0.1:5068', path: '/', memory: mapped },
  { name: 'mojolicious', address: '127.0.0.1:5071', path: '/', memory: mapped },
  {
    ...{ name: 'mojolicious-prefork', address: '127.0.0.1:5072', path: '/', memory: mapped },
    program: 'mojolicious',
  },
];

/** Visits so far, or the rows of a table. */
function countIn({ status, body }: HttpAnswer): number {
  assert.equal(status, 200, body);
  const visits = /"visits": ?(\d+)/.exec(body)?.[1];
  return visits === undefined ? [...body.matchAll(/"id":/g)].length : Number(visits);
}

for (const { name, program, address, path, grow, memory } of stacks) {
  describe(name, () => {
    let count: number;

    before(() => install(program ?? name, name));
    after(() => uninstall(name));

    /** The answer to a first connection is one more than that before. */
    async function countsOn(): Promise<void> {
      await grow?.();
      const { answer, outcome } = await firstConnection(name, address, path);
      assert.equal(outcome.how, 'restored', outcome.detail);
      assert.equal(countIn(answer), count + 1);
      count += 1;
    }

    test('boots cold on the socket that systemd holds', async () => {
      const { answer, outcome } = await firstConnection(name, address, path);
      assert.equal(outcome.how, 'cold', outcome.detail);
      count = countIn(answer);
      assert.ok(count >= 1);
    });

    test('is baked beside itself while it serves', async () => {
      await bake(name);
      count = countIn(await fetchFrom(address, path));
    });

    test('is restored on the first connection, and answers right', countsOn);

    test('is restored again when its log or its database has grown', countsOn);

    test('goes on to answer right', async () => {
      for (let request = 1; request <= 100; request += 1) {
        if (grow === undefined) count += 1;
        assert.equal(countIn(await fetchFrom(address, path)), count);
      }
    });

    test(`has its memory ${memory[0]}, and why says so`, async () => {
      const [kind, why] = await memoryOf(name);
      assert.equal(kind, memory[0]);
      assert.match(why, memory[1]);
    });

    test('stops successfully', async () => {
      await stop(name);
      assert.equal((await showUnit(`${name}.service`))['Result'], 'success');
    });
  });
}

describe('PHP-FPM behind nginx', () => {
  const address = '127.0.0.1:5070';
  const names = ['php-front', 'php-fpm'] as const;
  let count: number;

  before(() => install('php-fpm', ...names));
  after(() => uninstall(...names));

  /** One connection, to nginx, brings up both. */
  async function comeUp(wanted: 'restored' | 'cold'): Promise<number> {
    await stop('php-fpm');
    await forgetOutcome('php-fpm');
    const { answer, outcome } = await firstConnection('php-front', address);
    assert.equal(outcome.how, wanted, outcome.detail);
    const behind = await waitForOutcome('php-fpm');
    assert.equal(behind.how, wanted, behind.detail);
    return countIn(answer);
  }

  test('boots cold with it', async () => {
    assert.ok((await comeUp('cold')) >= 1);
  });

  test('is baked while it serves, asked over FastCGI, and so is nginx', async () => {
    for (const name of [...names].reverse()) await bake(name);
    count = countIn(await fetchFrom(address, '/'));
    // Twenty times it was warmed up.
    assert.ok(count > 20, `${count}`);
  });

  test('is restored with it by one connection, and again with a log that has grown', async () => {
    assert.deepEqual([await comeUp('restored'), await comeUp('restored')], [count + 1, count + 2]);
    for (const name of names) assert.deepEqual(await memoryOf(name), ['mapped', '']);
  });

  test('gets no snapshot when it is asked in HTTP, and the message says that it is not ready', async () => {
    await configure('php-fpm', '[Warmup]\nScriptFilename=\nReadyTimeoutSec=1');
    const { status, stderr } = await grenadine('bake', 'php-fpm');
    assert.notEqual(status, 0);
    assert.match(stderr, /not-ready/);
  });
});
