// The version is written twice, for a bundle carries no package.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from '../../generator/config/version.js';

test('version: the programs say what package.json says', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8');
  assert.ok(text.includes(`"version": "${version}"`));
});
