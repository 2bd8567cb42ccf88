// Every section and key of `NAME.conf` and `grenadine.conf`, with type, default and meaning: the one table that the
// readers, the man pages and the examples are held to. Values are not parsed here.

type ValueType =
  | 'text'
  | 'command line'
  | 'user'
  | 'group'
  | 'directory'
  | 'path'
  | 'trigger'
  | 'environment'
  | 'environment file'
  | 'address'
  | 'octal mode'
  | 'number'
  | 'boolean'
  | 'time span'
  | 'size'
  | 'URL path'
  | 'host'
  | 'request'
  | 'bytes'
  | 'auto, pass or adopt'
  | 'request, signal or command'
  | 'signal or file'
  | 'auto or manual'
  | 'switch or wait'
  | 'latest or deployment'
  | 'auto, mapped or copied'
  | 'auto, always or once'
  | 'size or infinity';

export interface Key {
  readonly section: string;
  readonly name: string;
  readonly type: ValueType;
  /** As it would be written; undefined where nothing stands in for it, or the meaning says what does. */
  readonly default: string | undefined;
  /** Whether the key may stand several times, each adding one value. An empty value takes back all before it. */
  readonly repeats: boolean;
  /** One sentence. */
  readonly meaning: string;
}

const one = { default: undefined, repeats: false } as const;
const many = { default: undefined, repeats: true } as const;

export const applicationKeys = [
  {
    ...one,
    section: 'Application',
    name: 'Description',
    type: 'text',
    meaning: 'What the application is, for people; the name of the application if not set.',
  },
  {
    ...one,
    section: 'Application',
    name: 'ExecStart',
    type: 'command line',
    meaning: 'The command that boots the application, required; split, unquoted and expanded by systemd.',
  },
  {
    ...one,
    section: 'Application',
    name: 'User',
    type: 'user',
    meaning: 'The user that the application runs as; root if not set.',
  },
  {
    ...one,
    section: 'Application',
    name: 'Group',
    type: 'group',
    meaning: 'The group that the application runs as; the primary group of User= if not set.',
  },
  {
    ...one,
    section: 'Application',
    name: 'WorkingDirectory',
    type: 'directory',
    meaning: "Where the application is started, an absolute path or ~ for the user's home; / if not set.",
  },
  {
    ...many,
    section: 'Application',
    name: 'Environment',
    type: 'environment',
    meaning: 'Variables for the application, NAME=VALUE words as in systemd.exec(5).',
  },
  {
    ...many,
    section: 'Application',
    name: 'EnvironmentFile',
    type: 'environment file',
    meaning: 'A file with more variables; with - in front it may be missing.',
  },
  {
    ...many,
    section: 'Application',
    name: 'ListenStream',
    type: 'address',
    meaning:
      'An address that systemd holds for the application and passes as the next descriptor from 3 on, at least one.',
  },
  {
    ...one,
    section: 'Application',
    name: 'Sockets',
    type: 'auto, pass or adopt',
    default: 'auto',
    meaning:
      'Whether the application is passed its sockets, has them put in the place of what it binds, or whichever it does.',
  },
  {
    ...one,
    section: 'Application',
    name: 'SocketMode',
    type: 'octal mode',
    meaning: "The access mode of UNIX sockets in the file system; systemd's default, 0666, if not set.",
  },
  {
    ...one,
    section: 'Application',
    name: 'SocketUser',
    type: 'user',
    meaning: 'The owner of UNIX sockets in the file system; root if not set.',
  },
  {
    ...one,
    section: 'Application',
    name: 'SocketGroup',
    type: 'group',
    meaning: 'The group of UNIX sockets in the file system; that of SocketUser= if not set.',
  },
  {
    ...one,
    section: 'Release',
    name: 'Path',
    type: 'path',
    meaning:
      'What points at the deployed release, often a symbolic link: when it leads elsewhere, a new release is there.',
  },
  {
    ...one,
    section: 'Release',
    name: 'Trigger',
    type: 'trigger',
    meaning:
      'A file whose touch says that a release was deployed in place: an absolute path, or relative to where Path= leads.',
  },
  {
    ...one,
    section: 'Release',
    name: 'SettleSec',
    type: 'time span',
    default: '1s',
    meaning: 'How long a new release must look the same before it counts as deployed.',
  },
  {
    ...one,
    section: 'Release',
    name: 'OnPublish',
    type: 'switch or wait',
    default: 'switch',
    meaning:
      'What happens to a running application once a newly deployed release has a snapshot: it is switched to that, or waits for a reload or a restart.',
  },
  {
    ...one,
    section: 'Release',
    name: 'PinUntil',
    type: 'latest or deployment',
    default: 'latest',
    meaning:
      'What releases a pinned snapshot: only grenadine restore with --latest, or the next deployment, too.',
  },
  {
    ...one,
    section: 'Release',
    name: 'Keep',
    type: 'number',
    meaning: 'How many snapshots are kept; Keep= of grenadine.conf(5) if not set.',
  },
  {
    ...one,
    section: 'Warmup',
    name: 'ReadyPath',
    type: 'URL path',
    default: '/',
    meaning: 'The path whose answer says that the application has booted, and later that a snapshot works.',
  },
  {
    ...one,
    section: 'Warmup',
    name: 'ReadyTimeoutSec',
    type: 'time span',
    default: '60s',
    meaning: 'How long the application may take to boot while a snapshot is made.',
  },
  {
    ...one,
    section: 'Warmup',
    name: 'Host',
    type: 'host',
    default: 'localhost',
    meaning: 'The Host: header of readiness and warm-up requests.',
  },
  {
    ...one,
    section: 'Warmup',
    name: 'ScriptFilename',
    type: 'path',
    meaning:
      'For an application that speaks FastCGI: the script that all requests are for; HTTP is spoken if not set.',
  },
  {
    ...many,
    section: 'Warmup',
    name: 'Send',
    type: 'bytes',
    meaning:
      'For an application that speaks neither HTTP nor FastCGI: what is sent to it, and answered by anything.',
  },
  {
    ...many,
    section: 'Warmup',
    name: 'Request',
    type: 'request',
    meaning:
      'A request that is sent before the snapshot is made, GET /path; GET of ReadyPath= if none is set.',
  },
  {
    ...one,
    section: 'Warmup',
    name: 'Repeat',
    type: 'number',
    default: '20',
    meaning: 'How many times the whole list of requests is sent; 0 for no warm-up.',
  },
  {
    ...one,
    section: 'Snapshot',
    name: 'Enable',
    type: 'boolean',
    default: 'yes',
    meaning: 'Whether snapshots are made and used; with no the application always boots cold.',
  },
  {
    ...one,
    section: 'Snapshot',
    name: 'GhostLimit',
    type: 'size',
    default: '64M',
    meaning: 'How large a deleted file may be that is still open when the snapshot is made.',
  },
  {
    ...one,
    section: 'Snapshot',
    name: 'Memory',
    type: 'auto, mapped or copied',
    default: 'auto',
    meaning:
      'Whether a restore maps the memory of the snapshot or copies it; auto maps where that is known to be safe.',
  },
  {
    ...one,
    section: 'Snapshot',
    name: 'Reuse',
    type: 'auto, always or once',
    default: 'auto',
    meaning:
      'How many starts a snapshot serves: any number, one, or, with auto, one where two restores were seen to repeat a random number.',
  },
  {
    ...one,
    section: 'Snapshot',
    name: 'Presets',
    type: 'boolean',
    default: 'yes',
    meaning:
      'Whether Ruby, Java and PHP are told, in variables that only they read, what makes a better snapshot.',
  },
  {
    ...many,
    section: 'Snapshot',
    name: 'BeforeDump',
    type: 'request, signal or command',
    meaning:
      'What is done after the warm-up and before the dump: GET /path, POST /path, a signal, or a command that is run beside the application.',
  },
  {
    ...many,
    section: 'Snapshot',
    name: 'AfterRestore',
    type: 'request, signal or command',
    meaning:
      'What is done whenever the application was restored: GET /path, POST /path, a signal, or a command that is run beside it.',
  },
  {
    ...one,
    section: 'Snapshot',
    name: 'Seed',
    type: 'signal or file',
    meaning:
      'How the application gets a fresh seed at each restore: with a signal that is pending when it goes on, or as a file alone.',
  },
] as const satisfies readonly Key[];

export const daemonKeys = [
  {
    ...one,
    section: 'Activator',
    name: 'Bake',
    type: 'auto or manual',
    default: 'auto',
    meaning:
      'Whether snapshots are made unasked when an application has no valid one, or only by grenadine bake.',
  },
  {
    ...one,
    section: 'Store',
    name: 'Keep',
    type: 'number',
    default: '3',
    meaning: 'How many snapshots of an application are kept where its own Keep= says nothing.',
  },
  {
    ...one,
    section: 'Store',
    name: 'Limit',
    type: 'size or infinity',
    default: 'infinity',
    meaning: 'What all snapshots together may take on disk; the oldest go first, none that is in use.',
  },
] as const satisfies readonly Key[];

/** `Section.Name` of every key, so that a reader cannot ask for a key that the table does not have. */
export type ApplicationKey = NameOf<(typeof applicationKeys)[number]>;
export type DaemonKey = NameOf<(typeof daemonKeys)[number]>;
type NameOf<K extends Key> = K extends Key ? `${K['section']}.${K['name']}` : never;
