// Rules of the wrapper of `ini`: what systemd.syntax(7) says, and the inverse of a plain serializer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readIni, type IniFile } from '../../generator/config/ini-file.js';

const read = (text: string): IniFile => readIni('/x.conf', text);
const values = (text: string): readonly string[] =>
  read(`[A]\n${text}`).assignments.map(({ value }) => value);
const codes = (text: string): readonly (readonly [string, number | undefined])[] =>
  read(text).diagnostics.map(({ code, line }) => [code, line]);

test('ini: a value is kept as written, whatever it looks like', () => {
  for (const value of [
    'true',
    'null',
    '1e3',
    '"quoted"',
    "'quoted'",
    'a;b',
    'a # b',
    'a=b',
    '[x]',
    '\\;',
    '${A.b}',
  ]) {
    assert.deepEqual(values(`Key=${value}`), [value]);
  }
});

test('ini: a repeated key keeps every value, the order of the file and its lines', () => {
  const { assignments } = read('[A]\nKey=1\nOther=2\n[B]\nKey=3\n[A]\nKey=4\n');
  assert.deepEqual(
    assignments.map(({ section, key, value, line }) => [section, key, value, line]),
    [
      ['A', 'Key', '1', 2],
      ['A', 'Other', '2', 3],
      ['B', 'Key', '3', 5],
      ['A', 'Key', '4', 7],
    ],
  );
});

test('ini: whitespace around keys and values is dropped, a no-break space is none', () => {
  assert.deepEqual(values('  Key \t=\t a b \t'), ['a b']);
  assert.deepEqual(values('Key=\u00a0'), ['\u00a0']);
});

test('ini: an empty value is there', () => {
  assert.deepEqual(values('Key='), ['']);
});

test('ini: only a line that begins with # or ; is a comment', () => {
  assert.deepEqual(values('# Key=1\n  ; Key=2\nKey=3 # not one'), ['3 # not one']);
});

test('ini: a trailing backslash joins the next line, past comments, and the first line counts', () => {
  const { assignments } = read('[A]\nKey=a\\\n# comment\n  b\\\n c\nNext=d');
  assert.deepEqual(
    assignments.map(({ value, line }) => [value, line]),
    [
      ['a b c', 2],
      ['d', 6],
    ],
  );
});

test('ini: a backslash that is escaped joins nothing', () => {
  assert.deepEqual(values('Key=a\\\\\nNext=b'), ['a\\\\', 'b']);
});

test('ini: a backslash at the end of the file joins nothing', () => {
  assert.deepEqual(values('Key=a\\'), ['a']);
});

test('ini: carriage returns and a byte order mark do not matter', () => {
  const { assignments, diagnostics } = read('\uFEFF[A]\r\nKey=1\r\nNext=2');
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    assignments.map(({ value, line }) => [value, line]),
    [
      ['1', 2],
      ['2', 3],
    ],
  );
});

test('ini: a line that is neither header nor assignment is an error at its number', () => {
  assert.deepEqual(codes('[A]\nKey\n[B\n=x\n[]\nKey=\u0007\n'), [
    ['syntax', 2],
    ['syntax', 3],
    ['syntax', 4],
    ['syntax', 5],
    ['syntax', 6],
  ]);
});

test('ini: an assignment before the first section is an error', () => {
  assert.deepEqual(codes('Key=1\n[A]\nKey=2'), [['syntax', 1]]);
});

test('ini: names that mean something to JavaScript or to ini are names like others', () => {
  for (const name of [
    '__proto__',
    'constructor',
    'toString',
    'a.b',
    'a[]',
    '"q"',
    'a;b',
    '5',
    'ä',
    "it's!",
  ]) {
    const { assignments } = read(`[${name.replace('[]', '')}]\n${name}=1\n${name}=2\n`);
    assert.deepEqual(
      assignments.map(({ section, key, value }) => [section, key, value]),
      [
        [name.replace('[]', ''), name, '1'],
        [name.replace('[]', ''), name, '2'],
      ],
    );
  }
});

/** Printable text without surrounding whitespace, as a line can hold it. */
const text = fc
  .string({ unit: 'grapheme' })
  .map((raw) => raw.replace(/\p{Cc}/gu, '').replace(/^[ \t]+|[ \t]+$/g, ''));
const isSteady = (raw: string): boolean => (/\\+$/.exec(raw)?.[0].length ?? 0) % 2 === 0;
const aValue = text.filter(isSteady);
const aKey = text.filter((raw) => raw !== '' && !/^[#;[\uFEFF]|=/.test(raw));
const aSection = text.filter((raw) => raw !== '' && !/[[\]]/.test(raw) && isSteady(raw));
const aFile = fc.array(fc.tuple(aSection, fc.array(fc.tuple(aKey, aValue))));

test('ini: what a plain serializer writes is read back', () => {
  fc.assert(
    fc.property(aFile, (sections) => {
      const written = sections
        .map(([name, pairs]) => `[${name}]\n${pairs.map(([key, value]) => `${key}=${value}\n`).join('')}`)
        .join('');
      const { assignments, diagnostics } = read(written);
      assert.deepEqual(diagnostics, []);
      assert.deepEqual(
        assignments.map(({ section, key, value }) => [section, key, value]),
        sections.flatMap(([name, pairs]) => pairs.map(([key, value]) => [name, key, value])),
      );
    }),
  );
});

test('ini: any text is read without throwing', () => {
  const lines = fc.array(
    fc.oneof(fc.string(), fc.constantFrom('[A]', 'Key=1', '\\', 'Key=a\\', '#', '[', '=')),
  );
  fc.assert(
    fc.property(lines, (raw) => {
      const { assignments, diagnostics } = read(raw.join('\n'));
      for (const { line = 0 } of [...assignments, ...diagnostics]) assert.ok(line >= 1);
    }),
  );
});
