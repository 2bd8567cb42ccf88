/** What runtimes are told so that their snapshots are better ones: Ruby here, Java where its memory is tested. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, firstConnection, install, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';

const address = '127.0.0.1:5030';
const preset = '-r/usr/lib/grenadine/runtimes/ruby.rb';

async function firstAnswer(wanted: 'restored' | 'cold'): Promise<unknown> {
  const { answer, outcome } = await firstConnection('ruby', address);
  assert.equal(outcome.how, wanted, outcome.detail);
  const told: unknown = JSON.parse(answer.body);
  return told;
}

describe('a Ruby program', () => {
  before(() => install('ruby', 'ruby'));
  afterEach(() => configure('ruby', ''));
  after(() => uninstall('ruby'));

  test('has its heap compacted right before its snapshot is made, and not when it boots to serve', async () => {
    assert.deepEqual(await firstAnswer('cold'), { compactions: 0, rubyopt: preset });
    await bake('ruby');
    assert.deepEqual(await firstAnswer('restored'), { compactions: 1, rubyopt: preset });
  });

  test('keeps the options that it was given, which have the last say', async () => {
    await configure('ruby', '[Application]\nEnvironment=RUBYOPT=-W0');
    await bake('ruby');
    assert.deepEqual(await firstAnswer('restored'), { compactions: 1, rubyopt: `${preset} -W0` });
  });

  test('is left alone with Presets=no', async () => {
    await configure('ruby', '[Snapshot]\nPresets=no');
    await bake('ruby');
    assert.deepEqual(await firstAnswer('restored'), { compactions: 0, rubyopt: '' });
  });

  test('that has a use of its own for the signal has a snapshot all the same, and the journal says so', async () => {
    await configure('ruby', '[Application]\nExecStart=\nExecStart=/usr/bin/ruby /srv/ruby/server.rb --trap');
    const cursor = await journalCursor();
    await bake('ruby');
    await waitForLine(
      'ruby-bake.service',
      /^A Ruby did not put its memory in order within 10 s, ignoring$/,
      cursor,
    );
    assert.deepEqual(await firstAnswer('restored'), { compactions: 0, rubyopt: preset });
  });
});
