// Renders the files of the package's DEBIAN directory as text. Knows no path of the build and writes nothing.

export interface ControlFacts {
  readonly version: string;
  readonly architecture: string;
  /** What dpkg-shlibdeps found for the launcher, such as `libc6 (>= 2.34), libsystemd0 (>= 246)`. */
  readonly libraries: string;
  readonly installedKib: number;
}

export interface InstalledFile {
  /** Absolute path on the installed system. */
  readonly path: string;
  readonly md5: string;
  readonly bytes: number;
}

export const packageName = 'grenadine';
export const maintainer = 'The Grenadine authors <maintainers@grenadine.invalid>';

/** `Depends:` without the libraries: a bus, a systemd with RestartSteps= and PollLimit…=, and Debian 13's Node. */
const programs = ['nodejs (>= 20.19)', 'default-dbus-system-bus | dbus-system-bus', 'systemd (>= 254)'];

/** deb-control(5). */
export function renderControl(facts: ControlFacts): string {
  return [
    `Package: ${packageName}`,
    `Version: ${facts.version}`,
    `Architecture: ${facts.architecture}`,
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${facts.installedKib}`,
    `Depends: ${[facts.libraries, ...programs].join(', ')}`,
    // Without CRIU every application still comes up, by a cold boot.
    'Recommends: criu (>= 4.2)',
    'Section: admin',
    'Priority: optional',
    'Description: bring services up from a CRIU snapshot on the first connection',
    ' Grenadine lets an ordinary systemd service come up from a snapshot of its',
    ' memory instead of booting. systemd holds the port; the first connection',
    ' restores the application as it was after it had booted and warmed up, in',
    ' fresh PID and mount namespaces, and hands it the held socket. Where no',
    ' snapshot serves, it boots as usual and the client only waits.',
    ' .',
    ' A release without a snapshot is booted aside, warmed up, dumped, proved',
    ' and published. Older snapshots can be restored by number.',
    '',
  ].join('\n');
}

/** One path a line, every file below /etc: dpkg asks before it replaces one that was edited. */
export function renderConffiles(files: readonly InstalledFile[]): string {
  return lines(files.filter(({ path }) => path.startsWith('/etc/')).map(({ path }) => path));
}

/** deb-md5sums(5): paths without the leading slash, configuration files left out. */
export function renderMd5sums(files: readonly InstalledFile[]): string {
  return lines(
    files.filter(({ path }) => !path.startsWith('/etc/')).map(({ path, md5 }) => `${md5}  ${path.slice(1)}`),
  );
}

/** As dpkg-gencontrol counts: every file rounded up to a KiB, one KiB a directory. */
export function installedKib(files: readonly InstalledFile[], directories: number): number {
  return files.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 1024), directories);
}

function lines(values: readonly string[]): string {
  return values.map((value) => `${value}\n`).join('');
}
