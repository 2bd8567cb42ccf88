/**
 * What the bed's root is made of, as data, and the key that names the result. Pure: whoever changes a line
 * here gets another key and so another root; nothing else decides when a root is built again.
 */
import { createHash } from 'node:crypto';

const mirror = 'http://deb.debian.org';

/** Raise it when root.ts starts to treat the same lists differently. */
const recipeVersion = 1;

export const suite = 'trixie';

export const sources = [
  `deb ${mirror}/debian ${suite} main`,
  `deb ${mirror}/debian ${suite}-updates main`,
  `deb ${mirror}/debian-security ${suite}-security main`,
  // For criu alone, see `preferences`. A testing index of last month serves as well as today's.
  `deb [check-valid-until=no] ${mirror}/debian testing main`,
];

/**
 * Debian 13's criu 4.1.1 cannot dump an inet socket on Linux >= 6.16 (and `criu check` does not notice), so
 * criu comes from testing, with libnl, which it is linked to there. Nothing else may: priority 50 is below
 * what is installed and below everything of the suite itself.
 */
const preferences = `\
Package: *
Pin: release a=testing
Pin-Priority: 50

Package: src:criu src:libnl3
Pin: release a=testing
Pin-Priority: 990
`;

export const packages = [
  // The system itself, as a server has it.
  ...[
    'systemd',
    'systemd-sysv',
    'dbus',
    'libsystemd0',
    'util-linux',
    'procps',
    'iproute2',
    'iputils-ping',
    'netbase',
  ],
  ...[
    'ca-certificates',
    'less',
    'strace',
    'curl',
    'socat',
    'e2fsprogs',
    'xfsprogs',
    'btrfs-progs',
    'jq',
    'passt',
  ],
  // What the package depends on, and what its tests compile and lint inside.
  ...['criu', 'nodejs', 'gcc', 'libc6-dev', 'libsystemd-dev', 'make', 'mandoc'],
  // Real applications, and what talks to them.
  ...['ruby', 'rails', 'puma', 'ruby-bootsnap', 'ruby-sqlite3', 'sqlite3', 'python3-django', 'gunicorn'],
  // Tomcat's package leaves the Java runtime to whoever installs it, and would take one with a desktop's libraries.
  ...['golang-go', 'openjdk-21-jdk-headless', 'tomcat10'],
  ...['ruby-sinatra', 'node-express', 'php-fpm', 'erlang-base', 'erlang-inets'],
  'libmojolicious-perl',
  // What they are connected to, and how.
  ...['postgresql', 'ruby-pg', 'python3-psycopg2', 'node-pg', 'redis-server'],
  ...['nginx-light', 'haproxy', 'wrk'],
];

/** Documentation is left out of Debian's packages, not of ours: root.ts drops these settings afterwards. */
export const dpkgOptions = [
  'path-exclude=/usr/share/man/*',
  // The Java runtime's alternatives are links to pages in it.
  'path-include=/usr/share/man/man1',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** Files laid in before the packages are chosen (apt reads them) and left there. */
export const filesBefore: Readonly<Record<string, string>> = {
  'etc/apt/preferences.d/criu': preferences,
};

/** Where the host waits for the bed's word, see machine.ts. */
export const hostFolder = '/run/bed';

/** Files written once the packages are in. */
export const filesAfter: Readonly<Record<string, string>> = {
  'etc/hostname': 'bed\n',
  'etc/hosts': '127.0.0.1 localhost bed\n::1 localhost\n',
  'etc/resolv.conf': '# A bed has no network but its loopback.\n',
  'etc/machine-id': '6772656e6164696e650000000000bed0\n',
  // Memory only, as a bed lives for minutes; nothing dropped, as tests read it back.
  'etc/systemd/journald.conf.d/bed.conf': '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n',
  // Says how the boot went as soon as systemd knows. It is not of type oneshot: is-system-running --wait waits
  // until no job is left, and so would wait for itself.
  'etc/systemd/system/bed-ready.service': `\
[Unit]
Description=Tell the host how the boot went
After=multi-user.target

[Service]
Type=exec
ExecStart=-/usr/bin/systemctl is-system-running --wait
StandardOutput=file:${hostFolder}/ready
`,
};

export const linksAfter: Readonly<Record<string, string>> = {
  'etc/systemd/system/default.target': '/usr/lib/systemd/system/multi-user.target',
  'etc/systemd/system/multi-user.target.wants/bed-ready.service': '../bed-ready.service',
};

/** Installed to be started by a test, not by the boot. */
export const disabledUnits = [
  'nginx.service',
  'haproxy.service',
  'tomcat10.service',
  'php8.4-fpm.service',
  'postgresql.service',
  'redis-server.service',
  'epmd.service',
  'e2scrub_reap.service',
  'getty@tty1.service',
];

/** Units that a bed of a few minutes is better off without. */
export const maskedUnits = [
  // Timers, consoles and first-boot questions: nobody is there.
  ...[
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'fstrim.timer',
  ],
  ...['logrotate.timer', 'systemd-tmpfiles-clean.timer', 'getty.target', 'console-getty.service'],
  ...['xfs_scrub_all.timer', 'systemd-firstboot.service'],
  // The kernel is the host's: a bed loads no modules into it and sets nothing in it.
  ...[
    'systemd-modules-load.service',
    'systemd-sysctl.service',
    'systemd-pstore.service',
    'modprobe@.service',
  ],
  ...['sys-kernel-debug.mount', 'sys-kernel-tracing.mount', 'sys-kernel-config.mount', 'dev-hugepages.mount'],
  ...['sys-fs-fuse-connections.mount'],
];

/** The name of the root that this recipe gives on this processor architecture. */
export function rootKey(architecture: string): string {
  const recipe = { recipeVersion, architecture, suite, sources, packages, dpkgOptions };
  const after = { filesBefore, filesAfter, linksAfter, disabledUnits, maskedUnits };
  return createHash('sha256')
    .update(JSON.stringify([recipe, after]))
    .digest('hex')
    .slice(0, 16);
}
