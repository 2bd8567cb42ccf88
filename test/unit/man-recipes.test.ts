// Holds the lines that grenadine-recipes(7) shows against repeated random numbers to the programs that were tried with them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

function read(path: string): readonly string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((line) => line.trim());
}

const page = read('man/grenadine-recipes.7').join('\n');
const section = (language: string): readonly string[] => {
  const text = new RegExp(`\\n\\.Ss ${language}\\n([\\s\\S]*?)\\n\\.S[sh] `).exec(
    page.split('.Sh RANDOM NUMBERS')[1] ?? '',
  );
  const blocks = [...(text?.[1] ?? '').matchAll(/^\.Bd -literal[^\n]*\n([\s\S]*?)\n\.Ed$/gm)];
  return blocks.flatMap(([, block = '']) => block.split('\n')).filter((line) => line !== '');
};

const programs: Readonly<Record<string, readonly string[]>> = {
  Ruby: ['uniqueness/reseed.rb', 'uniqueness/config.ru'],
  Python: ['uniqueness/reseed.py', 'django/gunicorn.conf.py'],
  Node: ['uniqueness/reseed.js'],
  Java: ['uniqueness/Seed.java'],
  PHP: ['uniqueness/generators-long.php'],
  Perl: ['uniqueness/generators.pl'],
  C: ['uniqueness/generators.c'],
};

for (const [language, paths] of Object.entries(programs))
  test(`grenadine-recipes(7) shows for ${language} what ${paths.join(' and ')} does`, () => {
    const [shown, tried] = [section(language), paths.flatMap((path) => read(`test/apps/${path}`))];
    assert.ok(shown.length > 0);
    assert.deepEqual(
      shown.filter((line) => !tried.includes(line)),
      [],
    );
  });
