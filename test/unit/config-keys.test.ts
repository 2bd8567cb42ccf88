// Holds the key table, the shipped examples and the readers to each other; man-keys.test.ts does so for the manual.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDaemonConfiguration } from '../../generator/config/daemon.js';
import { readIni } from '../../generator/config/ini-file.js';
import { applicationKeys, daemonKeys, type Key } from '../../generator/config/keys.js';
import { readApplication } from '../../generator/config/read-application.js';

const checkout = join(import.meta.dirname, '../../..');
const namesOf = (keys: readonly Key[]): readonly string[] =>
  keys.map(({ section, name }) => `${section}.${name}`).sort();

test('keys: each stands once in the table, with one sentence of meaning', () => {
  for (const keys of [applicationKeys, daemonKeys]) {
    assert.equal(new Set(namesOf(keys)).size, keys.length);
    for (const { name, meaning } of keys) assert.match(meaning, /^[A-Z][^\n]*\.$/, name);
  }
});

test('keys: the reader of applications reads every one', () => {
  const nonsense = applicationKeys.filter(({ type }) => type !== 'text');
  const text = nonsense.map(({ section, name }) => `[${section}]\n${name}=\u00a0"?\n`).join('');
  const read = readApplication('web', [readIni('web.conf', text)], { keep: 3 });
  const complaints = read.diagnostics.map(({ code, message }) => [code, message.split('=')[0]]);
  assert.deepEqual(
    complaints,
    nonsense.map(({ name }) => ['bad-value', name]),
  );
});

test('keys: the reader of grenadine.conf reads every one', () => {
  const text = daemonKeys.map(({ section, name }) => `[${section}]\n${name}=?\n`).join('');
  const { diagnostics } = readDaemonConfiguration([readIni('grenadine.conf', text)]);
  assert.deepEqual(
    diagnostics.map(({ code, line }) => [code, line]),
    daemonKeys.map((_, index) => ['bad-value', 2 * index + 2]),
  );
});

test('keys: the table has the defaults that are used', () => {
  const read = readApplication(
    'web',
    [readIni('web.conf', '[Application]\nExecStart=/bin/a\nListenStream=80\n')],
    {
      keep: 3,
    },
  );
  assert.equal(read.kind, 'read');
  const { warmup, snapshot, release } = read.application;
  assert.deepEqual(
    [warmup.readyPath, warmup.readyTimeoutMs, warmup.host, warmup.scriptFilename, warmup.send, warmup.repeat],
    ['/', 60_000, 'localhost', undefined, [], 20],
  );
  assert.deepEqual([release.settleMs, release.onPublish, release.pinUntil], [1000, 'switch', 'latest']);
  assert.deepEqual(snapshot, {
    enable: true,
    ghostLimitBytes: 64 * 1024 * 1024,
    memory: 'auto',
    reuse: 'auto',
    presets: true,
    beforeDump: [],
    afterRestore: [],
    seed: undefined,
  });
  assert.deepEqual(readDaemonConfiguration([]), {
    daemon: { bake: 'auto', keep: 3, limitBytes: undefined },
    diagnostics: [],
  });
});

const examples = [
  ...confFilesOf(join(checkout, 'units/examples')),
  ...readdirSync(join(checkout, 'test/apps'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => confFilesOf(join(checkout, 'test/apps', name))),
];

for (const path of examples) {
  test(`example: ${path.slice(checkout.length + 1)} is read without a complaint`, () => {
    const read = readApplication('web', [readIni(path, readFileSync(path, 'utf8'))], { keep: 3 });
    assert.deepEqual(read.diagnostics, []);
  });
}

test('example: grenadine.conf shows every key with its default, and changes nothing', () => {
  const shipped = readFileSync(join(checkout, 'units/grenadine.conf'), 'utf8');
  assert.deepEqual(readIni('grenadine.conf', shipped).assignments, []);
  const { assignments } = readIni('grenadine.conf', shipped.replace(/^#(?=\w+=)/gm, ''));
  assert.deepEqual(
    assignments.map(({ section, key, value }) => [section, key, value]),
    daemonKeys.map((key) => [key.section, key.name, key.default]),
  );
});

function confFilesOf(directory: string): readonly string[] {
  const entries = readdirSync(directory).filter((entry) => entry.endsWith('.conf'));
  return entries.map((entry) => join(directory, entry));
}
