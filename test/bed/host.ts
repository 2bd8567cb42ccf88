/** What a bed needs of its host: root, and a handful of programs, which it installs where apt is at hand. */
import { existsSync } from 'node:fs';
import { BedError } from './bed-error.js';
import { lastLines, runCommand } from './run-command.js';

/** Programs and the Debian packages that bring them. */
const needed: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'systemd-nspawn': 'systemd-container',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  mount: 'mount',
  slirp4netns: 'slirp4netns',
};

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const installTimeoutMs = 10 * 60_000;

/** Returns once the host is fit for beds; throws `host-unfit` with the command that would make it so. */
export async function ensureHost(report: (line: string) => void): Promise<void> {
  const missing = Object.entries(needed).filter(([program]) => !isInstalled(program));
  const packages = [...new Set(missing.map(([, name]) => name))];
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages];
  if (process.getuid?.() !== 0) {
    const also = packages.length === 0 ? '' : `, and these packages first: ${install.join(' ')}`;
    throw new BedError('host-unfit', `a bed mounts and makes namespaces: run it as root${also}`);
  }
  if (packages.length === 0) return;
  if (!isInstalled('apt-get')) {
    throw new BedError('host-unfit', `install what gives ${missing.map(([program]) => program).join(', ')}`);
  }
  report(`installing ${packages.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const argv of [['apt-get', 'update'], install]) {
    const { status, stderr } = await runCommand(argv, { env, timeoutMs: installTimeoutMs });
    if (status !== 0)
      throw new BedError('host-unfit', `'${argv.join(' ')}' failed\n${lastLines(stderr, 10)}`);
  }
}

function isInstalled(program: string): boolean {
  return folders.some((folder) => existsSync(`${folder}/${program}`));
}
