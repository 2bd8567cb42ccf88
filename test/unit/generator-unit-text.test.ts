// Rules of quoting: what is written for systemd is read back by systemd's rules as what was meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readIni } from '../../generator/config/ini-file.js';
import { splitWords } from '../../generator/config/unit-words.js';
import { fillUnitSpecifiers } from '../../generator/bake-specifiers.js';
import { quoteArgument, quoteWord } from '../../generator/config/quote.js';
import { literalSetting } from '../../generator/unit-text.js';

/** systemd's second step: specifiers, then variables, none of which may be left but escaped ones. */
function expand(text: string): string {
  assert.ok(!/%(?!%)/.test(text.replaceAll('%%', '')), `a specifier is left in ${text}`);
  return text.replaceAll('%%', '%');
}

function expandVariables(text: string): string {
  assert.ok(!text.replaceAll('$$', '').includes('$'), `a variable is left in ${text}`);
  return text.replaceAll('$$', '$');
}

function wordsOf(text: string): readonly string[] {
  const words = splitWords(text);
  assert.equal(words.kind, 'value');
  return words.value.map((word) => {
    assert.equal(word.kind, 'word');
    return word.text;
  });
}

const anything = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));

test('quoting: arguments of a command are read back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(anything, fc.constantFrom(';', '\\', '%n', '$HOME', '${A}', '"', "'", '\n', ' '))),
      (args) => {
        const line = `ExecStart=${args.map(quoteArgument).join(' ')}`;
        const [assignment] = readIni('x', `[Service]\n${line}\n`).assignments;
        assert.deepEqual(
          wordsOf(assignment?.value ?? '').map((word) => expandVariables(expand(word))),
          args,
        );
      },
    ),
  );
});

test('quoting: words of a list are read back', () => {
  fc.assert(
    fc.property(fc.array(anything), (words) => {
      assert.deepEqual(wordsOf(words.map(quoteWord).join(' ')).map(expand), words);
    }),
  );
});

test('quoting: what needs none is left as it is', () => {
  assert.equal(quoteArgument('--listener=[::1]:80'), '--listener=[::1]:80');
  assert.equal(quoteArgument('--directory=/srv/my shop'), '"--directory=/srv/my shop"');
});

test('quoting: a literal value is one line and holds no specifier', () => {
  assert.equal(literalSetting('Description', '100% "shop"'), 'Description=100%% "shop"');
  for (const text of ['a\nExecStart=/bin/evil', 'a\\', 'a\rb']) {
    assert.throws(() => literalSetting('Description', text), { code: 'unit-text' });
  }
});

test('splitting: words are unquoted and unescaped as in systemd.service(5)', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    [`  a\tb  `, ['a', 'b']],
    [`a"b c"d 'e "f'`, ['ab cd', 'e "f']],
    [`"" ''`, ['', '']],
    [`a\\x20b \\101 \\u00e9 \\s`, ['a b', 'A', 'é', ' ']],
    [`a\\.b a\\ b`, ['a\\.b', 'a\\ b']],
    [`\\; ";" a;b`, [';', ';', 'a;b']],
  ];
  for (const [text, words] of cases) assert.deepEqual(wordsOf(text), words, text);
});

test('specifiers: those of the unit name mean the service in the bake too', () => {
  assert.equal(
    fillUnitSpecifiers('%n %N %p %P %j %f [%i]', 'my-shop'),
    'my-shop.service my-shop my-shop my/shop shop /my/shop []',
  );
  assert.equal(fillUnitSpecifiers('%%n %H %t %%%p 50%', 'web'), '%%n %H %t %%web 50%');
});
