/** Wrong values over the real bus: the types are D-Bus's to check, the values ours. Each is refused with an error of ours, and nothing has changed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { busName, interfaceName, methods, objectPath, type MethodName } from '../../activator/bus/api.js';
import { openSystemBus, type Bus } from '../../activator/bus/connection.js';
import { install, uninstall } from './application.js';
import { grenadine } from './grenadine.js';
import { mustRun } from './run-command.js';
import { mainPid, showUnit } from './systemctl.js';

const activator = 'grenadine-activator.service';

/** None is the name of an application, or the id of a snapshot. */
const hostile: readonly string[] = [
  ...[
    '',
    '/',
    '..',
    '../..',
    'a/b',
    '/etc/passwd',
    'web.service',
    'no-such-one',
    'NODE',
    '-node',
    '%n',
    '$(id)',
  ],
  ...['node\n', 'node node', '\u001b[2J', '\u009b31m', 'ä', '\u202enode', '"', "'", '\\x2d'],
  ...[
    'a'.repeat(65),
    'x'.repeat(1_000_000),
    '0'.repeat(12),
    'zzzzzzzzzzzz',
    '0123456789AB',
    '000000000000/..',
  ],
];

const numbers = [0, -1, 65, 2 ** 31 - 1, -(2 ** 31)];

/** What there is on the disk of ours, with sizes and times. */
async function state(): Promise<string> {
  const argv = ['/var/lib/grenadine', '/run/grenadine/apps', '/etc/grenadine', '/run/systemd/generator'];
  return mustRun(['find', ...argv, '!', '-type', 'd', '-printf', '%p %s %T@\n']);
}

describe('the activator', () => {
  let bus: Bus;
  let pid: number;
  before(async () => {
    await install('node', 'node');
    // It is up, and has read all.
    await grenadine('list');
    pid = await mainPid(activator);
    bus = await openSystemBus((error) => {
      throw error;
    });
  });
  after(async () => {
    bus.close();
    await uninstall('node');
  });

  /** The name of the error, or 'taken'. */
  const call = (member: MethodName, body: readonly unknown[]): Promise<string> =>
    bus
      .call({
        ...{ destination: busName, path: objectPath, interface: interfaceName, member },
        ...{ signature: methods[member].in, body, timeoutMs: 10_000 },
      })
      .then(
        () => 'taken',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
      );

  /** `Internal` is an error that nobody has foreseen. */
  const ours = /^org\.grenadine\.Error\.(?!Internal$)[A-Z][A-Za-z]+$/;

  for (const member of ['ListSnapshots', 'Status', 'Why', 'Bake', 'Examine'] as const)
    test(`refuses what is no application's name: ${member}`, async () => {
      for (const name of hostile)
        assert.match(await call(member, [name]), ours, JSON.stringify(name.slice(0, 80)));
    });

  test('refuses the ids of snapshots that do not exist', async () => {
    const before = await state();
    for (const id of hostile.filter((one) => one !== '')) {
      assert.match(await call('Restore', ['node', id]), ours, id.slice(0, 80));
      assert.match(await call('Remove', ['node', id]), ours, id.slice(0, 80));
    }
    assert.equal(await state(), before);
  });

  test('refuses them with the other arguments as they should be', async () => {
    for (const name of hostile) {
      assert.match(await call('Dump', [name, true]), ours);
      assert.match(await call('Kill', [name, 15]), ours);
      assert.match(await call('Restore', [name, '']), ours);
      assert.match(await call('Remove', [name, '000000000000']), ours);
    }
  });

  test('refuses what is no signal', async () => {
    for (const number of numbers) assert.match(await call('Kill', ['node', number]), ours);
  });

  test('hands out nothing to a launcher of no application, and takes no report of one', async () => {
    for (const name of hostile) {
      const answer = await call('Activate', [name, '0123456789abcdef']);
      assert.ok(answer === 'taken' || ours.test(answer));
      await call('Activate', ['node', name]);
      // It has no answer; what follows shows that somebody is there.
      void call('Report', [name, { how: 'restored', snapshot: name, failed: name, 'ready-us': '1e99' }]);
      void call('Report', ['node', { [name]: name, how: name }]);
    }
    assert.equal(await call('Status', ['node']), 'taken');
  });

  test('defines nothing of what is no configuration, and leaves nothing behind', async () => {
    const before = await state();
    for (const text of [
      '',
      '\u0001',
      '[Application]',
      'x'.repeat(1_000_000),
      '[Application]\nExecStart=/bin/true\nUser=a\u0007b\n',
    ])
      assert.match(await call('Define', ['fresh', text]), ours);
    for (const name of hostile.filter((one) => !/^[a-z0-9][a-z0-9_-]{0,63}$/.test(one)))
      assert.match(
        await call('Define', [name, '[Application]\nExecStart=/bin/true\nListenStream=4099\n']),
        ours,
      );
    assert.equal(await state(), before);
  });

  test('keeps what was defined when the next text is none', async () => {
    const text =
      '[Application]\nExecStart=/bin/sleep 1000\nListenStream=127.0.0.1:4098\n[Snapshot]\nEnable=no\n';
    assert.equal(await call('Define', ['fresh', text]), 'taken');
    const before = await state();
    assert.match(await call('Define', ['fresh', '[Application]\n']), ours);
    assert.equal((await state()).replaceAll(/ [0-9.]+$/gm, ''), before.replaceAll(/ [0-9.]+$/gm, ''));
    await uninstall('fresh');
  });

  test('is the same process as before', async () => {
    assert.equal(await mainPid(activator), pid);
    assert.equal((await showUnit(activator))['NRestarts'], '0');
  });
});
