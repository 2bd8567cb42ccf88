// `npm run package`: builds grenadine_VERSION_ARCH.deb from compiled sources. Says in which order; each step is elsewhere.
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { GrenadineError } from '../../generator/config/error.js';
import { bundleProgram } from './bundle.js';
import { findBundledPackages } from './bundled-packages.js';
import { parseChangelog, releaseEpoch, renderDebianChangelog, type Release } from './changelog.js';
import {
  installedKib,
  maintainer,
  packageName,
  renderConffiles,
  renderControl,
  renderMd5sums,
} from './control-file.js';
import { renderCopyright } from './copyright.js';
import { directoriesOf, layOut, type Made } from './layout.js';
import { runTool } from './run-tool.js';
import { stageControl, stageEntries } from './stage.js';

/** This file runs as build/units/package/build-deb.js. */
const root = fileURLToPath(new URL('../../..', import.meta.url));

const maintainerScripts = ['postinst', 'prerm', 'postrm'];

/** Builds into `output` and returns the package's path. The same sources give the same bytes. */
async function buildPackage(output: string): Promise<string> {
  const tree = join(output, 'tree');
  await mkdir(output, { recursive: true });
  const releases = parseChangelog(await readText('CHANGELOG.md'));
  const version = await releasedVersion(releases);
  await runTool('make', ['-C', join(root, 'native')]);
  const front = await stripped(output, 'grenadine-launch');
  const launcher = await stripped(output, 'grenadine-launcher');
  const canary = await stripped(output, 'grenadine-canary');
  const journal = await stripped(output, 'grenadine-journal');
  const provider = await stripped(output, 'grenadine-rand.so');
  const uncalled = [
    await stripped(output, 'uncalled/libgnutls.so.30'),
    await stripped(output, 'uncalled/libnftables.so.1'),
  ];
  const programs = { front, launcher, canary, journal, provider, uncalled };
  const entries = layOut(await makeContents(releases, programs));
  const files = await stageEntries(root, tree, entries);

  const architecture = (await runTool('dpkg', ['--print-architecture'])).trim();
  const libraries = await findLibraries(output, [launcher, canary, journal, provider]);
  const kib = installedKib(files, directoriesOf(entries).length);
  await stageControl(
    tree,
    'control',
    renderControl({ version, architecture, libraries, installedKib: kib }),
    0o644,
  );
  await stageControl(tree, 'conffiles', renderConffiles(files), 0o644);
  await stageControl(tree, 'md5sums', renderMd5sums(files), 0o644);
  for (const name of maintainerScripts) {
    await stageControl(tree, name, await readText(`units/package/scripts/${name}`), 0o755);
  }

  const path = join(output, `${packageName}_${version}_${architecture}.deb`);
  // dpkg-deb gives no file a time after SOURCE_DATE_EPOCH; one thread, because xz's output depends on their number.
  const epoch = process.env['SOURCE_DATE_EPOCH'] ?? String(newestEpoch(releases));
  await runTool('dpkg-deb', ['--root-owner-group', '-Zxz', '--threads-max=1', '--build', tree, path], {
    env: { SOURCE_DATE_EPOCH: epoch },
  });
  return path;
}

/** package.json and the newest release of CHANGELOG.md must name the same version. */
async function releasedVersion(releases: readonly Release[]): Promise<string> {
  const declared = /"version": "([^"]+)"/.exec(await readText('package.json'))?.[1];
  const released = releases[0]?.version;
  if (declared === undefined || declared !== released) {
    throw new GrenadineError(
      'bad-changelog',
      `package.json says ${declared ?? 'nothing'}, CHANGELOG.md ${released ?? 'nothing'}`,
    );
  }
  return declared;
}

/** Answers the path, relative to the repository, of a stripped copy of a program that make has built. */
async function stripped(output: string, program: string): Promise<string> {
  const copy = join(output, program);
  await mkdir(dirname(copy), { recursive: true });
  await runTool('strip', [
    '--strip-unneeded',
    '--remove-section=.comment',
    '--remove-section=.note',
    '-o',
    copy,
    join(root, 'build/native', program),
  ]);
  return relative(root, copy);
}

async function makeContents(
  releases: readonly Release[],
  programs: Pick<Made, 'front' | 'launcher' | 'canary' | 'journal' | 'provider' | 'uncalled'>,
): Promise<Made> {
  const command = await bundleProgram(root, 'build/activator/cli/main.js');
  const activator = await bundleProgram(root, 'build/activator/main.js');
  const generator = await bundleProgram(root, 'build/generator/main.js');
  const inputs = [command, activator, generator].flatMap((bundle) => bundle.inputs);
  return {
    command: command.text,
    activator: activator.text,
    generator: generator.text,
    copyright: renderCopyright(await readText('LICENSE'), await findBundledPackages(root, inputs)),
    changelog: renderDebianChangelog(packageName, maintainer, releases),
    ...programs,
    manPages: await listFiles('man', /\.[1-8]$/),
    examples: await listFiles('units/examples', /[^/]$/),
  };
}

/** dpkg-shlibdeps insists on a source package around it, so it is given an empty one. */
async function findLibraries(output: string, programs: readonly string[]): Promise<string> {
  const source = join(output, 'shlibdeps');
  await mkdir(join(source, 'debian'), { recursive: true });
  await writeFile(
    join(source, 'debian/control'),
    `Source: ${packageName}\n\nPackage: ${packageName}\nArchitecture: any\n`,
  );
  const found = await runTool(
    'dpkg-shlibdeps',
    ['-O', ...programs.map((program) => `-e${join(root, program)}`)],
    { cwd: source },
  );
  return found.trim().replace('shlibs:Depends=', '');
}

/** The regular files below a directory of the repository whose path matches, sorted. */
async function listFiles(directory: string, pattern: RegExp): Promise<readonly string[]> {
  const names = (await readdir(join(root, directory), { recursive: true }))
    .filter((name) => pattern.test(name))
    .sort();
  const found: string[] = [];
  for (const name of names) if ((await stat(join(root, directory, name))).isFile()) found.push(name);
  return found;
}

function newestEpoch(releases: readonly Release[]): number {
  return Math.max(...releases.map(releaseEpoch));
}

async function readText(path: string): Promise<string> {
  return readFile(join(root, path), 'utf8');
}

const { values } = parseArgs({
  options: { output: { type: 'string', default: join(root, 'build/package') } },
});
try {
  process.stdout.write(`${await buildPackage(resolve(values.output))}\n`);
} catch (error) {
  process.stderr.write(`build-deb: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
