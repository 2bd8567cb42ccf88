// What one `NAME.conf` says, typed. Shapes only: reading is in read-application.ts, defaults and key names in keys.ts.

import type { constants } from 'node:os';

/** One `ListenStream=`, as written and as systemd would understand it. */
export type ListenAddress =
  | { readonly kind: 'tcp4'; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: 'tcp6'; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly text: string; readonly path: string }
  | { readonly kind: 'abstract'; readonly text: string; readonly name: string };

export interface WarmupRequest {
  readonly method: 'GET';
  readonly path: string;
}

/** As signal(7) has it, SIGUSR1. */
export type SignalName = keyof typeof constants.signals;

/** What an application is told before it is dumped or after it was restored, or what is run beside it. */
export type Hook =
  | { readonly kind: 'request'; readonly method: 'GET' | 'POST'; readonly path: string }
  | { readonly kind: 'signal'; readonly signal: SignalName }
  | { readonly kind: 'command'; readonly words: readonly string[] };

export interface Application {
  readonly name: string;
  /** Absolute path of the main file, then of its drop-ins, in the order they were applied. */
  readonly sources: readonly string[];
  readonly description: string;
  /** `ExecStart=` as written: systemd itself splits, unquotes and expands it. */
  readonly execStart: string;
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly workingDirectory: string | undefined;
  /** The right-hand sides of `Environment=` and `EnvironmentFile=` as written. */
  readonly environment: readonly string[];
  readonly environmentFiles: readonly string[];
  readonly listen: readonly ListenAddress[];
  /** How it gets its listening sockets: passed (sd_listen_fds(3)), in place of what it binds, or either way. */
  readonly sockets: 'auto' | 'pass' | 'adopt';
  readonly socketMode: string | undefined;
  readonly socketUser: string | undefined;
  readonly socketGroup: string | undefined;
  readonly release: {
    readonly path: string | undefined;
    /** Absolute, or relative to where `path` leads. */
    readonly trigger: string | undefined;
    readonly settleMs: number;
    /** What becomes of a running application once what was deployed has a snapshot. */
    readonly onPublish: 'switch' | 'wait';
    /** What releases a pin. */
    readonly pinUntil: 'latest' | 'deployment';
    readonly keep: number;
  };
  readonly warmup: {
    readonly readyPath: string;
    readonly readyTimeoutMs: number;
    /** The `Host:` header of readiness and warm-up requests. */
    readonly host: string;
    /** What requests are for where FastCGI is spoken; undefined where it is not. */
    readonly scriptFilename: string | undefined;
    /** What is sent instead of requests where neither HTTP nor FastCGI is spoken; the first asks for readiness. */
    readonly send: readonly Buffer[];
    readonly requests: readonly WarmupRequest[];
    /** How many times the whole list of requests is sent. */
    readonly repeat: number;
  };
  readonly snapshot: {
    /** `Enable=no`: always boot cold. */
    readonly enable: boolean;
    /** CRIU's limit for the size of a deleted file that is still open, in bytes. */
    readonly ghostLimitBytes: number;
    /** Whether a restore maps the memory or copies it; `auto`: maps it where that is known to be safe. */
    readonly memory: 'auto' | 'mapped' | 'copied';
    /** How many starts a snapshot serves; `auto`: one where two restores of it repeat a random number, else any number. */
    readonly reuse: 'auto' | 'always' | 'once';
    /** Whether runtimes that are known are told what makes a better snapshot. */
    readonly presets: boolean;
    /** In the order in which they are done. */
    readonly beforeDump: readonly Hook[];
    /** After each restore: signals at once, the others once the service is ready; each in this order. */
    readonly afterRestore: readonly Hook[];
    /** How it is given a fresh seed: as a file alone, or told of that by a signal, too; undefined: not at all. */
    readonly seed: 'file' | SignalName | undefined;
  };
}
