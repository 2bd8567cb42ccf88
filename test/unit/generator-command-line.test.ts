// Rules of the generator's arguments.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommandLine } from '../../generator/command-line.js';

test('arguments: units go to the first of three directories, or to the only one', () => {
  const expected = { kind: 'generate', root: '', directory: '/n' };
  assert.deepEqual(readCommandLine(['/n', '/e', '/l']), expected);
  assert.deepEqual(readCommandLine(['/n']), expected);
});

test('arguments: a dry run takes a directory or none', () => {
  assert.deepEqual(readCommandLine(['--dry-run']), { kind: 'dry-run', root: '', source: undefined });
  assert.deepEqual(readCommandLine(['--dry-run', 'apps']), { kind: 'dry-run', root: '', source: 'apps' });
  assert.deepEqual(readCommandLine(['--root', '/r', '--dry-run']), {
    kind: 'dry-run',
    root: '/r',
    source: undefined,
  });
  assert.deepEqual(readCommandLine(['--root=/r', '--dry-run']), {
    kind: 'dry-run',
    root: '/r',
    source: undefined,
  });
});

test('arguments: anything else is a usage error', () => {
  for (const args of [
    [],
    ['/n', '/e'],
    ['--dry-run', 'a', 'b'],
    ['--frobnicate'],
    ['--root'],
    ['a', 'b', 'c', 'd'],
  ]) {
    assert.equal(readCommandLine(args).kind, 'usage', args.join(' '));
  }
});

test('arguments: help and version win', () => {
  assert.equal(readCommandLine(['--help']).kind, 'help');
  assert.equal(readCommandLine(['/n', '--version']).kind, 'version');
});
