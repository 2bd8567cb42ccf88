// What the command says of an activator that cannot be reached: each case with what to do about exactly that.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busErrorName } from '../../activator/bus/connection.js';
import { statusOf } from '../../activator/cli/exit-status.js';
import { why } from '../../activator/cli/show.js';
import { parseShown, type ShownUnit } from '../../activator/cli/units.js';
import { renderAway, whyUnreachable } from '../../activator/cli/unreachable.js';
import { GrenadineError } from '../../generator/config/error.js';

const shown = (lines: string): ShownUnit => {
  const [unit] = parseShown(lines);
  assert.ok(unit);
  return unit;
};
const active = shown('LoadState=loaded\nActiveState=active\n');
const noReply = new GrenadineError('bus-timeout', 'No reply to org.example.Greet within 4 s.');
const saysOf = (error: GrenadineError, activator: ShownUnit | undefined) =>
  Object.values(whyUnreachable(error, activator)).join('\n');

test('of several units systemd shows each in its place, and numbers are numbers', () => {
  const text =
    'MainPID=7\nActiveState=active\nNRestarts=2\n\nLoadState=masked\nUnitFileState=masked-runtime\n';
  const [one, other, ...more] = parseShown(text);
  assert.deepEqual([one?.mainPid, one?.activeState, one?.restarts, more], [7, 'active', 2, []]);
  assert.deepEqual([other?.loadState, other?.fileState, other?.mainPid], ['masked', 'masked-runtime', 0]);
  assert.deepEqual(parseShown(''), []);
});

test('a mask is named, and undone where it lies', () => {
  const masked = new GrenadineError('org.freedesktop.systemd1.UnitMasked', 'Unit x is masked.');
  assert.match(saysOf(masked, undefined), /^grenadine-activator is masked\nsystemctl unmask grenadine/);
  const runtime = shown('LoadState=masked\nUnitFileState=masked-runtime\n');
  assert.match(saysOf(noReply, runtime), /is masked\nsystemctl unmask --runtime grenadine-activator/);
});

test('one that runs and does not answer is restarted', () => {
  assert.equal(
    saysOf(noReply, active),
    [
      'grenadine-activator runs, but does not answer (No reply to org.example.Greet within 4 s)',
      'systemctl restart grenadine-activator; why: journalctl -u grenadine-activator',
    ].join('\n'),
  );
});

test('one that ends again and again does not run, whatever the bus waited for', () => {
  const ending = 'LoadState=loaded\nActiveState=activating\nNRestarts=3\nExecMainCode=1\nExecMainStatus=1\n';
  const said = saysOf(noReply, shown(ending));
  assert.match(
    said,
    /does not run \(ended with exit status 1; systemd started it again 3 times, .*journalctl -u grenadine-activator/,
  );
  assert.match(said, /journalctl -u grenadine-activator/);
  assert.match(saysOf(noReply, shown('LoadState=not-found\nActiveState=inactive\n')), /is not there/);
});

test('a start that systemd or the bus refuses is unreachable, and what refused it is said', () => {
  const ended = shown('LoadState=loaded\nActiveState=inactive\nExecMainCode=1\nExecMainStatus=3\n');
  for (const code of [
    'org.freedesktop.systemd1.NoSuchUnit',
    'org.freedesktop.systemd1.OnlyByDependency',
    'org.freedesktop.systemd1.ShuttingDown',
    'org.freedesktop.DBus.Error.Spawn.ExecFailed',
  ]) {
    const error = new GrenadineError(code, 'Unit database.service not found.');
    assert.equal(statusOf(error), 5);
    assert.match(
      saysOf(error, ended),
      /^grenadine-activator does not run \(Unit database\.service not found\)\n/,
    );
  }
});

test('a unit that is gone is installed again, and one that systemd cannot use is corrected', () => {
  const gone = new GrenadineError('org.freedesktop.systemd1.NoSuchUnit', 'Unit x not found.');
  assert.match(
    saysOf(gone, shown('LoadState=not-found\nActiveState=inactive\n')),
    /^grenadine-activator\.service is not there\ninstall the package again/,
  );
  const bad = new GrenadineError('org.freedesktop.systemd1.BadUnitSetting', 'It has a bad setting.');
  assert.equal(statusOf(bad), 5);
  assert.match(
    saysOf(bad, shown('LoadState=bad-setting\nActiveState=inactive\n')),
    /^systemd cannot use grenadine-activator\.service \(It has a bad setting\)\nsystemd-analyze verify /,
  );
});

test('what systemd refuses the activator is no word about the activator', () => {
  assert.equal(statusOf(new GrenadineError(busErrorName('org.freedesktop.systemd1.NoSuchUnit'), '')), 1);
});

test('another program that has its name is named, and is unreachable', () => {
  for (const what of ['Method', 'Interface', 'Object']) {
    const error = new GrenadineError(`org.freedesktop.DBus.Error.Unknown${what}`, 'does not exist');
    assert.equal(statusOf(error), 5);
    assert.match(
      saysOf(error, shown('LoadState=masked\n')),
      /not this version's grenadine-activator\nbusctl status org\.grenadine\.Activator1/,
    );
  }
});

test('a bus that is gone is started, and one that hangs is not', () => {
  const gone = new GrenadineError('bus-unreachable', 'The system bus cannot be reached.');
  assert.match(saysOf(gone, active), /systemctl start dbus\.socket/);
  const silent = new GrenadineError('bus-silent', 'The system bus did not answer within 5 s.');
  assert.equal(statusOf(silent), 5);
  assert.doesNotMatch(saysOf(silent, active), /systemctl start/);
});

test('where systemd cannot be asked either, what the bus said is shown, and no more', () => {
  const hostile = new GrenadineError('bus-timeout', 'No\u001b[2J\nreply.');
  assert.match(saysOf(hostile, undefined), /^grenadine-activator cannot be reached \(No\?\[2J\?reply\)\n/);
});

test('the answer without the activator begins with that, and with what does not depend on it', () => {
  const text = renderAway({ fault: 'it is away', mend: 'bring it back' }, 'web');
  assert.match(text, /^grenadine: it is away\.\nweb does not depend on it: /);
  assert.match(text, /^Mend: bring it back\n/m);
  assert.match(text, /what its last start left in \/run\/grenadine\/outcome\/web, .*\n$/);
});

test('why says when the activator was not there to name the snapshot', async () => {
  const because = async (answer: string): Promise<string> => {
    let said = '';
    const row = { how: 'restored', reason: 'it was restored', answer };
    const reader = { row: () => Promise.resolve(row), rows: () => Promise.reject(new Error('not called')) };
    const out = (text: string): void => {
      said += text;
    };
    const terminal = { out, err: out, isColoured: false, isErrTerminal: false, nowMs: 0 };
    await why(reader, 'web', false, terminal);
    return /Because: (.*)$/m.exec(said)?.[1] ?? '';
  };
  assert.equal(await because('activator'), 'it was restored');
  assert.equal(
    await because('plan'),
    'it was restored. The launcher chose by itself, for the activator gave no answer that it could use',
  );
});
