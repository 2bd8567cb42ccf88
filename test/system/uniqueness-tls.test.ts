/**
 * Tickets of TLS sessions that a restored server gave out: OpenSSL draws their keys when a context is made, so that
 * each restore of one snapshot has the same, unless it is told to make another.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:tls';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, install, stop, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { forgetOutcome, waitForOutcome } from './outcome.js';

const name = 'tickets';
const [host, port] = ['127.0.0.1', 5092];

/** What the server says, and the last ticket that it gave. */
function ask(session?: Buffer): Promise<{ readonly said: string; readonly ticket: Buffer }> {
  return new Promise((resolve, reject) => {
    let said = '';
    let ticket: Buffer = Buffer.alloc(0);
    const own = session === undefined ? {} : { session };
    // It is for itself that the certificate speaks.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 10_000, ...own }, () => {
      socket.write('GET / HTTP/1.1\r\n\r\n');
    });
    socket.on('session', (given: Buffer) => (ticket = given));
    socket.on('data', (data: Buffer) => (said += data.toString('latin1')));
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error('the server says nothing')));
    socket.once('end', () => {
      resolve({ said: said.split('\r\n\r\n')[1] ?? '', ticket });
    });
  });
}

async function askRestored(session?: Buffer): ReturnType<typeof ask> {
  await stop(name);
  await forgetOutcome(name);
  const answer = await ask(session);
  const outcome = await waitForOutcome(name);
  assert.equal(outcome.how, 'restored', outcome.detail);
  return answer;
}

describe('a TLS server that makes its context at boot', () => {
  before(() => install(name, name));
  afterEach(() => configure(name, ''));
  after(() => uninstall(name));

  test('takes the tickets of one restore in another, for their keys repeat', async () => {
    await bake(name);
    const { said, ticket } = await askRestored();
    assert.equal(said, 'new');
    assert.equal((await ask(ticket)).said, 'resumed');
    assert.equal((await askRestored(ticket)).said, 'resumed');
  });

  test('does not when Seed= has it make another', async () => {
    await configure(name, '[Snapshot]\nSeed=SIGUSR2');
    await bake(name);
    const { ticket } = await askRestored();
    assert.equal((await ask(ticket)).said, 'resumed');
    assert.equal((await askRestored(ticket)).said, 'new');
  });
});
