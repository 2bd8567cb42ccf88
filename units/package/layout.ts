// Says what the package installs, where and with which mode. A table; stage.ts copies.

import { basename } from 'node:path';

/** Where a file's content comes from: a file of the repository, or text made by the build. */
type Content =
  { readonly kind: 'copy'; readonly from: string } | { readonly kind: 'text'; readonly text: string };

export type Entry =
  | { readonly kind: 'directory'; readonly to: string; readonly mode: number }
  | {
      readonly kind: 'file';
      readonly to: string;
      readonly mode: number;
      readonly content: Content;
      /** gzip -9n, as Debian's policy asks for manual pages and changelogs. */
      readonly isCompressed: boolean;
    };

/** What the build has made before it lays the package out. */
export interface Made {
  /** Bundle texts by program. */
  readonly command: string;
  readonly activator: string;
  readonly generator: string;
  readonly copyright: string;
  readonly changelog: string;
  /** The paths of the stripped programs in C, and of the provider for OpenSSL. */
  readonly front: string;
  readonly launcher: string;
  readonly canary: string;
  readonly journal: string;
  readonly provider: string;
  /** The paths of the stripped libraries of native/uncalled/. */
  readonly uncalled: readonly string[];
  /** File names in man/ and paths below units/examples/. */
  readonly manPages: readonly string[];
  readonly examples: readonly string[];
}

export function layOut(made: Made): readonly Entry[] {
  return [
    file('/usr/bin/grenadine', 0o755, text(made.command)),
    file('/usr/lib/grenadine/grenadine-activator', 0o755, text(made.activator)),
    file('/usr/lib/grenadine/grenadine-launch', 0o755, copy(made.front)),
    file('/usr/lib/grenadine/grenadine-launcher', 0o755, copy(made.launcher)),
    file('/usr/lib/grenadine/grenadine-canary', 0o755, copy(made.canary)),
    file('/usr/lib/grenadine/grenadine-journal', 0o755, copy(made.journal)),
    file('/usr/lib/grenadine/grenadine-rand.so', 0o644, copy(made.provider)),
    ...made.uncalled.map((path) => file(`/usr/lib/grenadine/uncalled/${basename(path)}`, 0o644, copy(path))),
    file('/usr/lib/grenadine/grenadine-generator', 0o755, text(made.generator)),
    file('/usr/lib/systemd/system-generators/grenadine-generator', 0o755, copy('generator/front.sh')),
    ...shippedAsTheyAre.map(([from, to]) => file(to, 0o644, copy(from))),
    { kind: 'directory', to: '/etc/grenadine/apps', mode: 0o755 },
    ...made.manPages.map((name) => compressed(`${manDirectory(name)}/${name}.gz`, copy(`man/${name}`))),
    ...made.examples.map((path) =>
      file(`${documents}/examples/${path}`, 0o644, copy(`units/examples/${path}`)),
    ),
    file(`${documents}/copyright`, 0o644, text(made.copyright)),
    compressed(`${documents}/changelog.gz`, text(made.changelog)),
  ];
}

/** Every directory that holds an entry, parents first, `/` left out. */
export function directoriesOf(entries: readonly Entry[]): readonly string[] {
  const found = new Set<string>();
  for (const entry of entries) {
    const parts = entry.to.split('/').slice(1, entry.kind === 'directory' ? undefined : -1);
    parts.forEach((_, index) => found.add(`/${parts.slice(0, index + 1).join('/')}`));
  }
  return [...found].sort();
}

const documents = '/usr/share/doc/grenadine';

const shippedAsTheyAre: readonly (readonly [string, string])[] = [
  ['units/grenadine.conf', '/etc/grenadine/grenadine.conf'],
  ['units/grenadine-activator.service', '/usr/lib/systemd/system/grenadine-activator.service'],
  ['units/grenadine-favordynmods.service', '/usr/lib/systemd/system/grenadine-favordynmods.service'],
  ['units/grenadine-kerndat.service', '/usr/lib/systemd/system/grenadine-kerndat.service'],
  ['units/grenadine-verify.service', '/usr/lib/systemd/system/grenadine-verify.service'],
  ['units/grenadine-verify.timer', '/usr/lib/systemd/system/grenadine-verify.timer'],
  ['units/org.grenadine.Activator1.conf', '/usr/share/dbus-1/system.d/org.grenadine.Activator1.conf'],
  [
    'units/org.grenadine.Activator1.service',
    '/usr/share/dbus-1/system-services/org.grenadine.Activator1.service',
  ],
  ['units/runtimes/node.cjs', '/usr/lib/grenadine/runtimes/node.cjs'],
  ...['chosen.cnf', 'default.cnf', 'grenadine-default.cnf', 'grenadine-names.cnf', 'grenadine-rand.cnf'].map(
    (name) => [`units/runtimes/openssl/${name}`, `/usr/lib/grenadine/runtimes/openssl/${name}`] as const,
  ),
  ['units/runtimes/php/grenadine.ini', '/usr/lib/grenadine/runtimes/php/grenadine.ini'],
  ['units/runtimes/ruby.rb', '/usr/lib/grenadine/runtimes/ruby.rb'],
  ['units/grenadine.catalog', '/usr/lib/systemd/catalog/grenadine.catalog'],
  ['units/tmpfiles.conf', '/usr/lib/tmpfiles.d/grenadine.conf'],
  ['units/completion/grenadine.bash', '/usr/share/bash-completion/completions/grenadine'],
  ['units/completion/_grenadine', '/usr/share/zsh/vendor-completions/_grenadine'],
  ['units/completion/grenadine.fish', '/usr/share/fish/vendor_completions.d/grenadine.fish'],
];

function manDirectory(name: string): string {
  return `/usr/share/man/man${name.slice(name.lastIndexOf('.') + 1)}`;
}

function file(to: string, mode: number, content: Content): Entry {
  return { kind: 'file', to, mode, content, isCompressed: false };
}

function compressed(to: string, content: Content): Entry {
  return { kind: 'file', to, mode: 0o644, content, isCompressed: true };
}

function copy(from: string): Content {
  return { kind: 'copy', from };
}

function text(value: string): Content {
  return { kind: 'text', text: value };
}
