// Static checks of the source tree as named tests: who imports whom, what files are called and begin with. Reads text
// only; eslint checks the same imports while one types, this also where eslint's settings were loosened.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What each folder may import from; the longest prefix that fits a file counts. ARCHITECTURE.md says why. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'generator/config/': ['generator/config/'],
  'generator/': ['generator/'],
  'activator/cli/': [
    ...[
      'activator/cli/',
      'activator/bus/',
      'activator/restore/',
      'activator/explain/',
      'activator/run-command.ts',
    ],
    'generator/config/',
  ],
  'activator/': ['activator/', 'generator/config/'],
  'units/': ['units/', 'generator/config/'],
  'test/': ['test/', 'units/', 'activator/', 'generator/'],
};

/** Foreign powers that are no packages, and the one file of each program that has them. */
const powers: Readonly<Record<string, readonly string[]>> = {
  'node:child_process': ['activator/run-command.ts', 'units/package/run-tool.ts'],
  'node:http': ['activator/bake/http-request.ts'],
  esbuild: ['units/package/bundle.ts'],
};

interface Source {
  readonly path: string;
  readonly text: string;
}

const sources = ['generator', 'activator', 'native', 'units', 'test']
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
  )
  .filter((path) => /\.(ts|c|h)$/.test(path))
  .map((path): Source => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const typescript = sources.filter(({ path }) => path.endsWith('.ts'));

/** Module names as written in static imports, re-exports and dynamic imports. */
function importsOf({ text }: Source): readonly string[] {
  return [...text.matchAll(/(?:^|[\s;])(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(
    ([, name]) => name ?? [],
  );
}

/** Imports of our own files, as paths relative to the repository. */
function ownImportsOf(source: Source): readonly string[] {
  return importsOf(source)
    .filter((name) => name.startsWith('.'))
    .map((name) => normalize(join(dirname(source.path), name)).replace(/\.js$/, '.ts'));
}

test('a folder imports only what it may use', () => {
  const wrong = typescript.flatMap((source) => {
    const room = Object.keys(mayImport)
      .filter((prefix) => source.path.startsWith(prefix))
      .sort((one, other) => other.length - one.length)[0];
    const allowed = mayImport[room ?? ''] ?? [];
    return ownImportsOf(source)
      .filter((path) => !allowed.some((prefix) => path.startsWith(prefix)))
      .map((path) => `${source.path} imports ${path}`);
  });
  assert.deepEqual(wrong, []);
});

test('activator/ uses the configuration model, not the generator', () => {
  const wrong = typescript
    .filter(({ path }) => path.startsWith('activator/'))
    .flatMap((source) => ownImportsOf(source).filter((path) => /^generator\/[^/]+$/.test(path)));
  assert.deepEqual(wrong, []);
});

test('each dependency is imported by exactly one file', () => {
  const declared: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  assert(typeof declared === 'object' && declared !== null && 'dependencies' in declared);
  for (const name of Object.keys(declared.dependencies ?? {})) {
    const users = typescript
      .filter(({ path }) => !path.startsWith('test/'))
      .filter((source) => importsOf(source).some((used) => used === name || used.startsWith(`${name}/`)));
    assert.equal(
      users.length,
      1,
      `${name} is imported by ${users.map(({ path }) => path).join(', ') || 'nobody'}`,
    );
  }
});

test('child processes, HTTP and the bundler have one home each', () => {
  for (const [power, homes] of Object.entries(powers)) {
    const users = typescript
      .filter(({ path }) => !path.startsWith('test/'))
      .filter((source) => importsOf(source).includes(power))
      .map(({ path }) => path);
    assert.deepEqual(
      users.filter((path) => !homes.includes(path)),
      [],
      `${power} belongs to ${homes.join(', ')}`,
    );
  }
});

test('no file imports itself in a circle', () => {
  const known = new Map(typescript.map((source) => [source.path, ownImportsOf(source)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert(!trail.includes(path), [...trail, path].join(' → '));
    if (done.has(path)) return;
    for (const next of known.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of known.keys()) visit(path, []);
});

test('no file is a drawer or a barrel', () => {
  const drawers = sources.filter(({ path }) =>
    /\/(utils?|helpers?|common|misc|shared|managers?|index)[-.]/.test(path),
  );
  const barrels = typescript.filter(({ text }) => /^export (?:\*|\{[^}]*\}) from /m.test(text));
  assert.deepEqual(
    [...drawers, ...barrels].map(({ path }) => path),
    [],
  );
});

test('every source file begins with a comment that says what it does', () => {
  const silent = sources.filter(({ text }) => !/^(?:#!.*\n)?(?:\/\/|\/\*)/.test(text));
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  );
});

test('nothing is left for later in a comment', () => {
  const marks = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b`);
  assert.deepEqual(
    sources.filter(({ text }) => marks.test(text)).map(({ path }) => path),
    [],
  );
});

test('in native/, D-Bus, mounts and seccomp have one home each', () => {
  for (const header of ['systemd/sd-bus.h', 'sys/mount.h', 'linux/seccomp.h']) {
    const users = sources.filter(
      ({ path, text }) => path.startsWith('native/') && text.includes(`#include <${header}>`),
    );
    assert(users.length <= 1, `<${header}> is included by ${users.map(({ path }) => path).join(', ')}`);
  }
});
