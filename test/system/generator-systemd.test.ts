// The generator under the real systemd: what daemon-reload makes of a file, that systemctl edit works, and that systemd
// reads our quoting back as we meant it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { quoteArgument, quoteWord } from '../../generator/config/quote.js';

const options = { skip: process.env['GRENADINE_BED'] === undefined ? 'only in the bed' : false };
const conf = '/etc/grenadine/apps/generated.conf';
const text =
  '[Application]\nDescription=100% generated\nExecStart=/bin/true\nListenStream=/run/generated.sock\n';

function systemctl(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('systemctl', args, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(status, 0, `systemctl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Files of this test alone, gone after it, with systemd told of both. */
function install(t: TestContext, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  t.after(() => {
    for (const path of Object.keys(files)) rmSync(path);
    systemctl('daemon-reload');
  });
  systemctl('daemon-reload');
}

const property = (unit: string, name: string): string =>
  systemctl('show', '--value', `--property=${name}`, unit);

test('reload: an application becomes units that systemd has loaded', options, (t) => {
  install(t, { [conf]: text });
  for (const unit of ['generated.socket', 'generated.service', 'generated-bake.service']) {
    assert.equal(property(unit, 'LoadState'), 'loaded');
    assert.equal(property(unit, 'SourcePath'), conf);
    assert.equal(property(unit, 'UnitFileState'), 'generated');
  }
  assert.equal(property('generated.service', 'Description'), '100% generated');
  assert.ok(property('sockets.target', 'Wants').split(' ').includes('generated.socket'));
});

test('reload: a file that has changed asks for another one', options, (t) => {
  install(t, { [conf]: text });
  assert.equal(property('generated.service', 'NeedDaemonReload'), 'no');
  writeFileSync(conf, `${text}User=nobody\n`);
  assert.equal(property('generated.service', 'NeedDaemonReload'), 'yes');
});

test('reload: a drop-in as systemctl edit makes it adds to the generated unit', options, (t) => {
  install(t, {
    [conf]: text,
    '/etc/systemd/system/generated.service.d/override.conf': '[Service]\nTasksMax=77\n',
  });
  assert.equal(property('generated.service', 'TasksMax'), '77');
  assert.equal(property('generated.service', 'Restart'), 'on-failure');
});

test('reload: an application that is gone leaves no unit', options, (t) => {
  install(t, { [conf]: text });
  writeFileSync(conf, '');
  systemctl('daemon-reload');
  assert.equal(property('generated.service', 'LoadState'), 'not-found');
});

test('quoting: systemd reads words back as they were meant', options, (t) => {
  const words = [
    '',
    'a b',
    'a"b',
    "a'b",
    'a\\b',
    '%n',
    '50%',
    '$HOME',
    '${HOME}',
    ';',
    '\\;',
    'a\nb',
    'tab\t',
    'ä',
    '-x',
    '\u0001',
    '#',
  ];
  const result = '/run/generated-words';
  const script = `printf '%%s\\\\0' "$$@" "$$A" > ${result}`;
  install(t, {
    '/run/systemd/system/generated-words.service': [
      '[Service]',
      'Type=oneshot',
      `Environment=${quoteWord('A=$HOME "50%" \\ end')}`,
      `ExecStart=/bin/sh -c "${script.replaceAll('"', '\\"')}" sh ${words.map(quoteArgument).join(' ')}`,
      '',
    ].join('\n'),
  });
  systemctl('start', 'generated-words.service');
  assert.deepEqual(readFileSync(result, 'utf8').split('\0'), [...words, '$HOME "50%" \\ end', '']);
  rmSync(result);
});
