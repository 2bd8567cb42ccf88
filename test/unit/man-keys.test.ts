// Holds the key table of generator/config/keys.ts and the pages grenadine.app(5) and grenadine.conf(5) to each other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { applicationKeys, daemonKeys, type Key } from '../../generator/config/keys.js';

const directory = fileURLToPath(new URL('../../../man', import.meta.url));

interface DocumentedKey {
  /** `Section.Key` */
  readonly id: string;
  /** The page's source from this key to the next one. */
  readonly text: string;
}

function readDocumentedKeys(page: string): readonly DocumentedKey[] {
  let section = '';
  const keys: { id: string; text: string }[] = [];
  for (const line of readFileSync(join(directory, page), 'utf8').split('\n')) {
    const heading = /^\.Ss \[(.*)\]$/.exec(line)?.[1];
    const item = /^\.It Va (\w+)=$/.exec(line)?.[1];
    if (heading !== undefined || line.startsWith('.Sh ')) section = heading ?? '';
    else if (item !== undefined && section !== '') keys.push({ id: `${section}.${item}`, text: '' });
    else if (section !== '' && keys.length > 0) keys[keys.length - 1] = extend(keys[keys.length - 1], line);
  }
  return keys;
}

function extend(key: { id: string; text: string } | undefined, line: string): { id: string; text: string } {
  return { id: key?.id ?? '', text: `${key?.text ?? ''}${line}\n` };
}

const documents: readonly { readonly page: string; readonly keys: readonly Key[] }[] = [
  { page: 'grenadine.app.5', keys: applicationKeys },
  { page: 'grenadine.conf.5', keys: daemonKeys },
];

for (const { page, keys } of documents) {
  const documented = readDocumentedKeys(page);
  const ids = documented.map(({ id }) => id);

  test(`${page} documents every key of the table, once, in the order of the table`, () => {
    assert.deepEqual(
      ids,
      keys.map(({ section, name }) => `${section}.${name}`),
    );
  });

  for (const key of keys) {
    const id = `${key.section}.${key.name}`;
    const text = documented.find((one) => one.id === id)?.text ?? '';

    if (key.default !== undefined) {
      test(`${page} says the default of ${id}`, () => {
        assert.equal(/Default:\n\.Ql (\S+) \.$/m.exec(text)?.[1], key.default);
      });
    }

    test(`${page} says whether ${id} may stand several times`, () => {
      assert.equal(/May stand several times|At least one;/.test(text), key.repeats);
    });
  }
}
