// The command's words: arguments, tables, exit statuses, the text of a transient application.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe as describeError, statusOf } from '../../activator/cli/exit-status.js';
import { ago, bytes, milliseconds, renderTable } from '../../activator/cli/table.js';
import { renderTransient } from '../../activator/cli/transient.js';
import type { Row } from '../../activator/cli/client.js';
import { phasesOf } from '../../activator/cli/timings.js';
import { renderJson, visible } from '../../activator/cli/visible.js';
import { readRequest } from '../../activator/cli/usage.js';
import { busErrorName } from '../../activator/bus/connection.js';
import { GrenadineError } from '../../generator/config/error.js';

test('an option that the command does not take is a usage error', () => {
  assert.throws(() => readRequest(['list', '--stop']), { code: 'usage' });
  assert.throws(() => readRequest(['list', '--no-such']), { code: 'usage' });
  assert.throws(() => readRequest(['list', '--', 'x']), { code: 'usage' });
});

test('what follows -- belongs to the daemon, options and all', () => {
  const { program, flags } = readRequest(['daemon', '--name', 'web', '-e', 'A=1', '--', '/bin/x', '--json']);
  assert.deepEqual([program, flags.json, flags.env], [['/bin/x', '--json'], false, ['A=1']]);
});

test('columns are as wide as their widest cell and the last is not padded', () => {
  const table = renderTable(
    [
      { title: 'A', cell: (row: readonly string[]) => row[0] ?? '' },
      { title: 'N', cell: (row) => row[1] ?? '', align: 'right' },
      { title: 'B', cell: (row) => row[2] ?? '' },
    ],
    [
      ['long', '1', ''],
      ['x', '22', 'y'],
    ],
  );
  assert.equal(table, 'A      N  B\nlong   1\nx     22  y\n');
});

test('figures are written as people read them', () => {
  assert.deepEqual([bytes(512), bytes(1536), bytes(73_400_320)], ['512 B', '1.5K', '70M']);
  assert.deepEqual([milliseconds(41.3), milliseconds(1570)], ['41 ms', '1.57 s']);
  assert.deepEqual([ago(0, 59_000), ago(0, 61_000), ago(0, 7_200_000)], ['59 s ago', '1 min ago', '2 h ago']);
});

test('exit statuses follow from codes', () => {
  assert.equal(statusOf(new GrenadineError(busErrorName('no-such-application'), '')), 3);
  assert.equal(statusOf(new GrenadineError(busErrorName('bake-failed'), '')), 6);
  assert.equal(statusOf(new GrenadineError('org.freedesktop.DBus.Error.AccessDenied', '')), 4);
  assert.equal(statusOf(new GrenadineError('bus-unreachable', '')), 5);
  assert.equal(statusOf(new Error('?')), 1);
  assert.equal(
    describeError(new GrenadineError('org.freedesktop.DBus.Error.AccessDenied', 'x')),
    'only root may do this (try sudo)',
  );
});

test('a transient application quotes what systemd would expand', () => {
  const { name, text } = renderTransient({
    name: undefined,
    listen: ['127.0.0.1:9000'],
    user: 'deploy:www',
    directory: '/srv/x',
    releasePath: '/srv/x',
    environment: ['A=b c'],
    program: ['/usr/bin/node', 'a b', '50%', '$HOME'],
  });
  assert.equal(name, 'node');
  assert.match(text, /^ExecStart=.*50%%.*\$\$HOME.*$/m);
  assert.match(text, /^User=deploy\nGroup=www$/m);
  assert.match(text, /^ListenStream=127\.0\.0\.1:9000$/m);
  assert.match(text, /^\[Release\]\nPath=\/srv\/x$/m);
});

test('a transient application needs an absolute command', () => {
  const nothing = { name: undefined, user: undefined, directory: undefined, releasePath: undefined };
  const request = { ...nothing, listen: [], environment: [] };
  assert.throws(() => renderTransient({ ...request, program: [] }), { code: 'usage' });
  assert.throws(() => renderTransient({ ...request, program: ['node'] }), { code: 'usage' });
  assert.throws(() => renderTransient({ ...request, program: ['/bin/x', 'a\nb'] }), { code: 'usage' });
});

test('the phases of a start follow each other, each with the time since the one before', () => {
  const row = { how: 'restored', 'begun-us': 1500, 'fork-us': 2500, 'start-us': 4000 };
  const launcher = {
    'namespaces-us': 700,
    'answered-us': 900,
    'criu-start-us': 1000,
    'criu-us': 31_000,
    'ready-us': 31_500,
  };
  assert.deepEqual(
    phasesOf({ ...row, ...launcher }).map(({ phase, at, took }) => [phase, at, took]),
    [
      ['start begins', 0, undefined],
      ['launcher forked', 1, 1],
      ['launcher runs', 2.5, 1.5],
      ['namespaces ready', 3.2, 0.7],
      ['activator answered', 3.4, 0.2],
      ['criu begins', 3.5, 0.1],
      ['criu is done', 33.5, 30],
      ['ready', 34, 0.5],
    ],
  );
});

test('a switch and a cold boot have the phases that they had', () => {
  const figures = { 'start-us': 4000, 'namespaces-us': 700, 'ready-us': 900 };
  const names = (row: Row): readonly string[] => phasesOf(row).map(({ phase }) => phase);
  // Begun once more since, in vain.
  const cold = { how: 'cold', 'begun-us': 6000, 'fork-us': 3000, ...figures };
  assert.deepEqual(names(cold), ['launcher forked', 'launcher runs', 'namespaces ready', 'ready']);
  const switched = { how: 'restored', ...figures };
  assert.deepEqual(names(switched), ['switch begins', 'namespaces ready', 'ready']);
  assert.deepEqual(phasesOf({ how: '' }), []);
});

test('what a terminal obeys is shown, in text, in errors and in JSON', () => {
  const name = 'a\u001b[2J\n\u009b31m\u007fß';
  assert.equal(visible(name), 'a?[2J??31m?ß');
  assert.equal(describeError(new GrenadineError('x', name)), 'a?[2J??31m?ß');
  const json = renderJson({ name });
  assert.match(json, /^[^\p{Cc}]*$/mu);
  assert.deepEqual(JSON.parse(json), { name });
});
