// The manual pages: mandoc finds nothing wrong, the sections that readers look for are there, references lead somewhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../../../man', import.meta.url));
const pages = readdirSync(directory).sort();

test('there is a page for each command, file, interface, for how it works and for what stacks need', () => {
  assert.deepEqual(pages, [
    'grenadine-activator.8',
    'grenadine-generator.8',
    'grenadine-launch.8',
    'grenadine-recipes.7',
    'grenadine.1',
    'grenadine.7',
    'grenadine.app.5',
    'grenadine.conf.5',
    'org.grenadine.Activator1.5',
  ]);
});

for (const page of pages) {
  const text = readFileSync(join(directory, page), 'utf8');

  test(`${page} has no warning from mandoc`, () => {
    const { stdout, error } = spawnSync('mandoc', ['-Tlint', '-Wwarning', page], {
      cwd: directory,
      encoding: 'utf8',
    });
    assert.equal(error, undefined, 'mandoc is not installed');
    assert.equal(stdout, '');
  });

  test(`${page} has the sections that readers look for`, () => {
    const sections = [...text.matchAll(/^\.Sh (.*)$/gm)].map(([, name]) => name);
    for (const wanted of ['NAME', 'DESCRIPTION', 'FILES', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO'])
      assert(sections.includes(wanted), wanted);
  });

  test(`${page} refers only to pages of ours that exist`, () => {
    const references = [...text.matchAll(/^\.Xr (\S*grenadine\S*) (\d)/gm)].map(
      ([, name, section]) => `${name}.${section}`,
    );
    assert.deepEqual(
      references.filter((name) => !pages.includes(name)),
      [],
    );
  });
}
