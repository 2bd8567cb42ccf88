/** The configuration of OpenSSL that an operator chose: kept, with our generator beside it, or left alone, and said so. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { configure, firstConnection, install, uninstall } from './application.js';
import { bake } from './grenadine.js';
import { journalCursor, waitForLine } from './journal.js';
import { mustRun } from './run-command.js';

const address = '127.0.0.1:5081';
const name = 'unique-python';
const runtimes = '/usr/lib/grenadine/runtimes/openssl';
const chosen = '/srv/uniqueness/chosen.cnf';

/** Writes the file that OPENSSL_CONF names. Whether TLS 1.2 is refused tells whether it was read. */
async function choose(...beginning: readonly string[]): Promise<void> {
  const rest = ['[the_tls]', 'system_default = the_default', '[the_default]', 'MinProtocol = TLSv1.3'];
  await writeFile(chosen, [...beginning, 'ssl_conf = the_tls', ...rest, ''].join('\n'));
  await configure(name, `[Application]\nEnvironment=OPENSSL_CONF=${chosen}`);
}

async function settings(wanted: 'restored' | 'cold'): Promise<unknown> {
  const { answer, outcome } = await firstConnection(name, address, '/settings');
  assert.equal(outcome.how, wanted, outcome.detail);
  const told: unknown = JSON.parse(answer.body);
  return told;
}

async function drawn(): Promise<unknown> {
  const { answer, outcome } = await firstConnection(name, address);
  assert.equal(outcome.how, 'restored', outcome.detail);
  return (JSON.parse(answer.body) as Record<string, unknown>)['ssl.RAND_bytes'];
}

describe('an application whose operator chose a configuration of OpenSSL', () => {
  beforeEach(() => install('uniqueness', name));
  afterEach(() => uninstall(name));

  test('has it in force, and does not repeat itself', async () => {
    await choose('openssl_conf = default_conf', '[default_conf]');
    await bake(name);
    assert.deepEqual(await settings('restored'), {
      minimum: 'TLSv1_3',
      configuration: `${runtimes}/chosen.cnf`,
    });
    assert.notEqual(await drawn(), await drawn());
  });

  test('that speaks of FIPS has nothing but that, and the journal says what it means', async () => {
    await choose('openssl_conf = openssl_init', '[openssl_init]', 'alg_section = the_algorithms');
    await writeFile(chosen, '[the_algorithms]\ndefault_properties = ?fips=yes\n', { flag: 'a' });
    const cursor = await journalCursor();
    assert.deepEqual(await settings('cold'), { minimum: 'TLSv1_3', configuration: chosen });
    const said = /repeats after each restore: \S+ speaks of FIPS, ignoring$/;
    await waitForLine(`${name}.service`, said, cursor);
  });

  test('with a beginning of a name that is not known is left alone, too', async () => {
    await choose('openssl_conf = mine', '[mine]');
    const cursor = await journalCursor();
    assert.deepEqual(await settings('cold'), { minimum: 'TLSv1_3', configuration: chosen });
    await waitForLine(`${name}.service`, /section of a name that is not known, ignoring$/, cursor);
  });
});

describe('an OpenSSL that cannot load our provider', () => {
  test('has its own generator', async () => {
    const program = 'import ssl; print(len(ssl.RAND_bytes(16)))';
    const without = 'mount -t tmpfs none /usr/lib/grenadine && cp -r /run/kept /usr/lib/grenadine/runtimes';
    const run = `OPENSSL_CONF=${runtimes}/default.cnf python3 -c '${program}'`;
    await mustRun(['cp', '-r', '/usr/lib/grenadine/runtimes', '/run/kept']);
    assert.equal(await mustRun(['unshare', '-m', 'sh', '-c', `${without} && ${run}`]), '16\n');
  });
});
