// The manifest's text: canonical, read back strictly, and the source of the snapshot's id.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../activator/store/json-shape.js';
import { renderManifest, snapshotId } from '../../activator/store/manifest.js';
import { readManifest } from '../../activator/store/read-manifest.js';
import { exampleManifest } from './store-example.js';

describe('a manifest', () => {
  test('is read back as it was written', () => {
    assert.deepEqual(readManifest(renderManifest(exampleManifest)), exampleManifest);
  });

  test('of an older version does not say how many starts it serves', () => {
    const text = renderManifest({ ...exampleManifest, reuse: undefined });
    assert.equal(readManifest(text).reuse, undefined);
  });

  test('is the same text whatever the order of its members', () => {
    const reversed = Object.fromEntries(Object.entries(exampleManifest).reverse());
    assert.equal(renderManifest({ ...exampleManifest, ...reversed }), renderManifest(exampleManifest));
  });

  test('names its snapshot by the first 12 digits of the sum of its file', () => {
    const text = renderManifest(exampleManifest);
    assert.equal(snapshotId(text), createHash('sha256').update(text).digest('hex').slice(0, 12));
  });

  const bad: readonly (readonly [rule: string, from: string, to: string, path: RegExp])[] = [
    [
      'a value of another kind',
      '"backlog": 511',
      '"backlog": "511"',
      /^listeners\[0\]\.backlog is no whole number/,
    ],
    ['a word that is none of the known', '"use": "code"', '"use": "core"', /^files\[0\]\.use is none of/],
    ['an unknown member', '"coldMs"', '"warmMs": 1,"coldMs"', /^timings\.warmMs is unknown/],
    ['a negative number', '"pagesBytes": 70000000', '"pagesBytes": -1', /^pagesBytes is no whole number/],
    ['a text that breaks its rule', '"0123456789abcdef"', '"xyz"', /^configuration does not match/],
    ['another version', '"version": 1', '"version": 2', /^version is not 1/],
    ['what is no JSON', '{', '', /^the manifest is no JSON/],
  ];
  for (const [rule, from, to, path] of bad) {
    test(`with ${rule} is refused by its path`, () => {
      const text = renderManifest(exampleManifest).replace(from, to);
      assert.throws(() => readManifest(text), { code: 'manifest-invalid', message: path });
    });
  }

  test('without one of its members is refused', () => {
    assert.throws(
      () => readManifest(canonicalJson({ version: 1, ...exampleManifest, createdUs: undefined })),
      {
        message: /^createdUs is no whole number/,
      },
    );
  });
});

test('canonical JSON keeps every JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed: unknown = JSON.parse(canonicalJson(value));
      assert.deepEqual(parsed, JSON.parse(JSON.stringify(value)));
    }),
  );
});
