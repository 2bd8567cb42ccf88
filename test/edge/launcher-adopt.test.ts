// Who is asked about bind(2): programs of the machine's own architecture are in test/system/adopt.test.ts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compile, openPrivateHost, skip, type PrivateHost } from './launcher/private-host.js';

const notHere = process.arch === 'x64' ? false : 'calls of i386 are a matter of x86-64';

describe('a 32-bit program', { skip: skip === false ? notHere : skip }, () => {
  let host: PrivateHost;

  before(async () => {
    host = await openPrivateHost({ hasCriu: false });
    await compile('bind32.c', join(host.directory, 'bind32'));
  });
  after(() => host.close());

  const binds = async (by: string, path: string): Promise<string> => {
    const words = ['--adopt', '--', join(host.directory, 'bind32'), by, path];
    return (await host.start(words).ended).out.trim();
  };

  for (const by of ['bind', 'socketcall']) {
    test(`that calls ${by} gets the socket that systemd holds`, async () => {
      assert.equal(await binds(by, join(host.directory, 'one.sock')), 'bound, listens');
    });

    test(`that calls ${by} for another address has its own`, async () => {
      assert.equal(await binds(by, join(host.directory, `${by}.sock`)), 'bound, does not listen');
    });
  }
});
