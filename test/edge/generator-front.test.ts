// The front of the generator: Node is started if and only if reading applications can find anything, and everything that
// only the generator itself can answer reaches it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { hasApplications } from '../../generator/config/lookup.js';

const front = join(import.meta.dirname, '../../../generator/front.sh');

/** In the generator's place: tells its arguments, and ends as nothing else here does. */
const standIn = '#!/bin/sh\necho "$@"\nexit 42\n';

/** A root as the package lays it out, with these files and links. */
function makeRoot(
  t: TestContext,
  files: readonly string[],
  links: Readonly<Record<string, string>> = {},
): string {
  const root = mkdtempSync(join(tmpdir(), 'grenadine-front-'));
  t.after(() => {
    rmSync(root, { recursive: true });
  });
  const make = (path: string): string => {
    mkdirSync(dirname(root + path), { recursive: true });
    return root + path;
  };
  copyFileSync(front, make('/usr/lib/systemd/system-generators/grenadine-generator'));
  writeFileSync(make('/usr/lib/grenadine/grenadine-generator'), standIn);
  for (const program of ['systemd/system-generators/grenadine-generator', 'grenadine/grenadine-generator'])
    chmodSync(`${root}/usr/lib/${program}`, 0o755);
  for (const path of files) writeFileSync(make(path), '');
  for (const [path, target] of Object.entries(links)) symlinkSync(target, make(path));
  return root;
}

function run(root: string, ...args: readonly string[]) {
  const program = `${root}/usr/lib/systemd/system-generators/grenadine-generator`;
  return spawnSync(program, args, { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' }, timeout: 20_000 });
}

const asSystemd = ['/run/systemd/generator', '/early', '/late'] as const;

const apps = '/etc/grenadine/apps';
const cases: Readonly<
  Record<string, { files?: readonly string[]; links?: Readonly<Record<string, string>>; starts: boolean }>
> = {
  'no directory at all': { starts: false },
  'grenadine.conf alone': { files: ['/etc/grenadine/grenadine.conf'], starts: false },
  'what is no .conf file': { files: [`${apps}/README`, `${apps}/web.conf~`], starts: false },
  'hidden files': { files: [`${apps}/.web.conf`, `${apps}/.web.conf.d/x.conf`], starts: false },
  'an application in /etc/': { files: [`${apps}/web.conf`], starts: true },
  'an application in /run/': { files: ['/run/grenadine/apps/web.conf'], starts: true },
  'an application in /usr/lib/': { files: ['/usr/lib/grenadine/apps/web.conf'], starts: true },
  'drop-ins without their application': { files: [`${apps}/web.conf.d/x.conf`], starts: true },
  'a masked application': { links: { [`${apps}/web.conf`]: '/dev/null' }, starts: true },
  'a link that leads nowhere': { links: { [`${apps}/web.conf`]: 'nowhere' }, starts: true },
  'a name with a space': { files: [`${apps}/a b.conf`], starts: true },
};

for (const [what, { files = [], links = {}, starts }] of Object.entries(cases)) {
  test(`${what}: the generator ${starts ? 'is started' : 'is not started'}`, (t) => {
    const root = makeRoot(t, files, links);
    assert.equal(hasApplications(root), starts);
    const { status, stdout, stderr } = run(root, ...asSystemd);
    assert.deepEqual([status, stdout, stderr], starts ? [42, `${asSystemd.join(' ')}\n`, ''] : [0, '', '']);
  });
}

for (const args of [
  [],
  ['--help'],
  ['--dry-run'],
  ['--root', '/x', '/out'],
  ['--root=/x', '/out', '/e', '/l'],
])
  test(`'${args.join(' ')}' is for the generator to answer, without applications, too`, (t) => {
    const { status, stdout } = run(makeRoot(t, []), ...args);
    assert.deepEqual([status, stdout], [42, `${args.join(' ')}\n`]);
  });
