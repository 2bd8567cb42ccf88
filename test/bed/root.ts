/**
 * The cached Debian root that all beds lie on: builds it with mmdebstrap when the recipe names one that is not
 * there yet, and never changes one that is. A root appears whole, by rename, or not at all.
 */
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { BedError } from './bed-error.js';
import { withLock } from './lock.js';
import type { Places } from './places.js';
import * as recipe from './root-recipe.js';
import { lastLines, runCommand } from './run-command.js';

const buildTimeoutMs = 20 * 60_000;

/** Returns the folder of the root, building it first if need be. */
export async function ensureRoot(places: Places, report: (line: string) => void): Promise<string> {
  const key = recipe.rootKey(arch());
  const root = join(places.cache, key);
  if (existsSync(root)) return root;
  await mkdir(places.logs, { recursive: true });
  const waiting = (): void => {
    report('waiting for another bed that builds the root …');
  };
  await withLock(places.lock, waiting, async () => {
    if (existsSync(root)) return;
    report('building the root (once, about a minute) …');
    const startMs = performance.now();
    // We hold the lock, so whatever lies here was left by a build that died.
    await rm(places.building, { recursive: true, force: true });
    const unfinished = join(places.building, key);
    await mkdir(dirname(unfinished), { recursive: true });
    await bootstrap(unfinished, places, join(places.logs, `root-${key}.log`));
    await settle(unfinished);
    await rename(unfinished, root);
    await rm(places.building, { recursive: true });
    report(`built the root in ${Math.round((performance.now() - startMs) / 1000)} s`);
  });
  return root;
}

async function bootstrap(root: string, places: Places, log: string): Promise<void> {
  // The preferences must lie there before apt chooses: mmdebstrap copies files in through a hook.
  const before = join(places.building, 'before');
  await writeFiles(before, recipe.filesBefore);
  const argv = [
    // In namespaces of its own, so that whatever ends us ends it and all it mounted, and the lock tells the truth.
    ...['setpriv', '--pdeathsig', 'KILL'],
    ...['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'],
    ...['mmdebstrap', '--mode=root', '--format=directory', '--variant=minbase'],
    `--include=${recipe.packages.join(',')}`,
    ...(await hostAptOptions()).map((option) => `--aptopt=${option}`),
    ...recipe.dpkgOptions.map((option) => `--dpkgopt=${option}`),
    `--setup-hook=cp -r ${before}/. "$1"`,
    ...[recipe.suite, root, ...recipe.sources],
  ];
  const { status, stdout, stderr } = await runCommand(argv, { timeoutMs: buildTimeoutMs });
  await writeFile(log, stdout + stderr);
  if (status === 0) return;
  const said = lastLines(stderr, 15);
  throw new BedError(
    'root-not-built',
    `mmdebstrap failed with status ${status}: is the Debian mirror within reach? All of it: ${log}\n${said}`,
  );
}

/**
 * A build in a closed network, or with a clock of its own, says so in the host's apt configuration, which
 * mmdebstrap does not read.
 */
async function hostAptOptions(): Promise<string[]> {
  const { stdout } = await runCommand(['apt-config', 'dump']);
  const relevant = /^Acquire::(https?::Proxy[^ ]*|Check-Valid-Until|Check-Date|Retries) ".*";$/;
  return stdout.split('\n').filter((line) => relevant.test(line));
}

/** Turns a freshly unpacked Debian into a bed that boots quickly and keeps its hands off the host's kernel. */
async function settle(root: string): Promise<void> {
  const system = join(root, 'etc/systemd/system');
  const wanted = ['multi-user.target.wants', 'getty.target.wants'];
  const enabled = wanted.flatMap((target) => recipe.disabledUnits.map((unit) => join(system, target, unit)));
  // mmdebstrap leaves our dpkg options behind; the package under test keeps its man pages.
  for (const path of [
    ...enabled,
    join(root, 'etc/dpkg/dpkg.cfg.d/99mmdebstrap'),
    join(root, 'etc/resolv.conf'),
  ]) {
    await rm(path, { force: true });
  }
  await writeFiles(root, recipe.filesAfter);
  const masks = recipe.maskedUnits.map((unit) => [`etc/systemd/system/${unit}`, '/dev/null'] as const);
  for (const [path, target] of [...masks, ...Object.entries(recipe.linksAfter)]) {
    await rm(join(root, path), { force: true });
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(target, join(root, path));
  }
  await markUpdated(root);
}

/** Without these marks systemd takes each bed's first boot for one after an upgrade and rebuilds its caches. */
async function markUpdated(root: string): Promise<void> {
  const passwd = await readFile(join(root, 'etc/passwd'), 'utf8');
  if (!passwd.startsWith('root:'))
    throw new BedError('root-not-built', `${root} is no root: etc/passwd is odd`);
  await writeFiles(root, { 'etc/.updated': '', 'var/.updated': '' });
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
