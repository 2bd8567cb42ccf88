// When a snapshot may serve, and what an operator is told when it may not.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CriuIdentity } from '../../activator/host/criu.js';
import { changesOf, differences, type HostFingerprint } from '../../activator/host/differences.js';
import { describeStaleness, judge, type Present } from '../../activator/store/validity.js';
import { exampleCriu, exampleHost, exampleManifest } from './store-example.js';

const present: Present = {
  configuration: exampleManifest.configuration,
  release: exampleManifest.release,
  host: exampleHost,
  changes: [],
};

function why(change: Partial<Present>): string {
  const judged = judge(exampleManifest, { ...present, ...change });
  return judged.kind === 'valid' ? 'valid' : describeStaleness(judged.why);
}

describe('a snapshot', () => {
  test('is valid while release, configuration and host are those it was made with', () => {
    assert.deepEqual(judge(exampleManifest, present), { kind: 'valid' });
  });

  test('is stale when another release is deployed', () => {
    assert.equal(
      why({ release: { id: 'r2', target: '/srv/web/releases/r2' } }),
      'it is of release r1, now r2 is deployed',
    );
  });

  test('is stale when its release has moved', () => {
    assert.equal(why({ release: { id: 'r1', target: '/elsewhere/r1' } }), 'release r1 has moved');
  });

  test('is stale when the configuration has changed', () => {
    assert.equal(why({ configuration: 'f'.repeat(16) }), 'the configuration has changed since');
  });

  test('is stale when the host has changed, and says in what', () => {
    assert.equal(why({ host: { ...exampleHost, kernel: '7.0' } }), 'the kernel was 6.12.0, it is 7.0');
  });

  test('is stale when a file that it maps has changed, and says which', () => {
    const changes = [{ kind: 'replaced', path: '/usr/lib/libssl.so.3' }] as const;
    assert.equal(why({ changes }), 'libssl.so.3 was replaced (/usr/lib/libssl.so.3)');
  });
});

const { path } = exampleCriu;

describe('two hosts', () => {
  const cases: readonly (readonly [
    rule: string,
    change: Partial<HostFingerprint>,
    told: readonly string[],
  ])[] = [
    ['that are the same differ in nothing', {}, []],
    ['may have different amounts of memory', { memoryBytes: 1 }, []],
    ['differ in the version of CRIU', { criu: criu({ version: '4.3' }) }, ['CRIU was 4.2.1, it is 4.3']],
    [
      'differ in the build of CRIU',
      { criu: criu({ size: 2 }) },
      ['CRIU 4.2.1 is another build than the one that made it'],
    ],
    ['differ when CRIU is gone', { criu: { kind: 'missing', path } }, [`${path} is missing`]],
    [
      'differ when CRIU does not run',
      { criu: { kind: 'broken', path } },
      [`${path} is there but does not run (\`criu --version\` fails)`],
    ],
    [
      'differ when CRIU is too old',
      { criu: { kind: 'too-old', path, version: '3.17.1' } },
      [`${path} is version 3.17.1, but 4.2 or newer is needed`],
    ],
    ['differ in CPU features', { cpuFlags: 'b' }, ['the CPU (Acme One) has other features than it had']],
    ['differ in the CPU', { cpuFlags: 'b', cpuModel: 'Acme Two' }, ['the CPU was Acme One, it is Acme Two']],
    ['differ in the architecture', { architecture: 'arm64' }, ['the machine was x64, it is arm64']],
  ];
  for (const [rule, change, told] of cases) {
    test(rule, () => {
      assert.deepEqual(differences(exampleManifest.host, { ...exampleHost, ...change }), told);
    });
  }
});

describe('a host that is looked at again', () => {
  const gone: HostFingerprint = { ...exampleHost, criu: { kind: 'missing', path } };

  test('has changed when CRIU is gone, but not at each further look', () => {
    assert.deepEqual(changesOf(exampleHost, gone), [`${path} is missing`]);
    assert.deepEqual(changesOf(gone, { ...gone }), []);
  });

  test('has changed when CRIU may be used again, or is unfit for another reason', () => {
    assert.deepEqual(changesOf(gone, exampleHost), [`${path} is 4.2.1 now`]);
    const broken: HostFingerprint = { ...exampleHost, criu: { kind: 'broken', path } };
    assert.match(changesOf(gone, broken).join(), /is there but does not run/);
  });
});

function criu(change: Partial<CriuIdentity>): HostFingerprint['criu'] {
  return { kind: 'present', identity: { ...exampleCriu, ...change } };
}
