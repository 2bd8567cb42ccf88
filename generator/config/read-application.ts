// Turns the files of one application into an Application: which value holds, and what it means. Pure; one line for each
// key of the table in keys.ts, and the few rules that bind keys together.
import type { Application, ListenAddress } from './application.js';
import { parseBytes, parseCommandLine, parseEnvironment } from './command-line.js';
import { hasError, type Diagnostic } from './diagnostic.js';
import type { IniFile } from './ini-file.js';
import { applicationKeys, type ApplicationKey } from './keys.js';
import { parseListenAddress } from './listen-address.js';
import { parseAbsolutePath, parseEnvironmentFile, parseTrigger, parseWorkingDirectory } from './paths.js';
import { parseBoolean, parseNumber, parseOctalMode, parseSizeBytes, parseTimeSpanMs } from './quantities.js';
import { badValue, openSettings, type Settings } from './settings.js';
import {
  parseHook,
  parseHost,
  parseRequest,
  parseSeed,
  parseText,
  parseUrlPath,
  parseUserOrGroup,
  parseWord,
} from './words.js';

export type ReadApplication =
  | { readonly kind: 'read'; readonly application: Application; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'broken'; readonly diagnostics: readonly Diagnostic[] };

/** What grenadine.conf(5) says for applications that say nothing. */
export interface ApplicationDefaults {
  readonly keep: number;
}

export const parseKeep = parseNumber(1, 1000);

/** `files`: the main file, then its drop-ins in order. */
export function readApplication(
  name: string,
  files: readonly IniFile[],
  defaults: ApplicationDefaults,
): ReadApplication {
  const settings = openSettings<ApplicationKey>(applicationKeys, files);
  const listen = settings.list('Application.ListenStream', parseListenAddress);
  const application: Application = {
    name,
    sources: files.map(({ path }) => path),
    description: settings.optional('Application.Description', parseText) ?? name,
    execStart: settings.optional('Application.ExecStart', parseCommandLine) ?? '',
    user: settings.optional('Application.User', parseUserOrGroup),
    group: settings.optional('Application.Group', parseUserOrGroup),
    workingDirectory: settings.optional('Application.WorkingDirectory', parseWorkingDirectory),
    environment: settings.list('Application.Environment', parseEnvironment),
    environmentFiles: settings.list('Application.EnvironmentFile', parseEnvironmentFile),
    listen,
    sockets: settings.withDefault('Application.Sockets', parseWord('auto', 'pass', 'adopt')),
    socketMode: settings.optional('Application.SocketMode', parseOctalMode),
    socketUser: settings.optional('Application.SocketUser', parseUserOrGroup),
    socketGroup: settings.optional('Application.SocketGroup', parseUserOrGroup),
    release: {
      path: settings.optional('Release.Path', parseAbsolutePath),
      trigger: settings.optional('Release.Trigger', parseTrigger),
      settleMs: settings.withDefault('Release.SettleSec', parseTimeSpanMs),
      onPublish: settings.withDefault('Release.OnPublish', parseWord('switch', 'wait')),
      pinUntil: settings.withDefault('Release.PinUntil', parseWord('latest', 'deployment')),
      keep: settings.optional('Release.Keep', parseKeep) ?? defaults.keep,
    },
    warmup: readWarmup(settings),
    snapshot: {
      enable: settings.withDefault('Snapshot.Enable', parseBoolean),
      ghostLimitBytes: settings.withDefault('Snapshot.GhostLimit', parseSizeBytes),
      memory: settings.withDefault('Snapshot.Memory', parseWord('auto', 'mapped', 'copied')),
      reuse: settings.withDefault('Snapshot.Reuse', parseWord('auto', 'always', 'once')),
      presets: settings.withDefault('Snapshot.Presets', parseBoolean),
      beforeDump: settings.list('Snapshot.BeforeDump', parseHook),
      afterRestore: settings.list('Snapshot.AfterRestore', parseHook),
      seed: settings.optional('Snapshot.Seed', parseSeed),
    },
  };
  const diagnostics = settings.diagnostics([
    ...judgeCommandCount(settings),
    ...judgeRepeatedAddresses(settings, listen),
    ...judgeTrigger(settings, application),
    ...judgeSend(settings, application),
    ...judgeHooks(settings, application),
    ...judgeMissing(settings, files),
  ]);
  return hasError(diagnostics) ? { kind: 'broken', diagnostics } : { kind: 'read', application, diagnostics };
}

function readWarmup(settings: Settings<ApplicationKey>): Application['warmup'] {
  const readyPath = settings.withDefault('Warmup.ReadyPath', parseUrlPath);
  const requests = settings.list('Warmup.Request', parseRequest);
  return {
    readyPath,
    readyTimeoutMs: settings.withDefault('Warmup.ReadyTimeoutSec', parseTimeSpanMs),
    host: settings.withDefault('Warmup.Host', parseHost),
    scriptFilename: settings.optional('Warmup.ScriptFilename', parseAbsolutePath),
    send: settings.list('Warmup.Send', parseBytes),
    requests: requests.length === 0 ? [{ method: 'GET', path: readyPath }] : requests,
    repeat: settings.withDefault('Warmup.Repeat', parseNumber(0, 100_000)),
  };
}

/** systemd takes a second ExecStart= of a Type=notify service for a mistake too. */
function judgeCommandCount(settings: Settings<ApplicationKey>): readonly Diagnostic[] {
  const second = settings.assignments('Application.ExecStart')[1];
  if (second === undefined) return [];
  const message = `ExecStart= stands twice; to replace the first one, reset it with an empty 'ExecStart=' before.`;
  return [badValue(second, message)];
}

function judgeTrigger(
  settings: Settings<ApplicationKey>,
  { release: { path, trigger } }: Application,
): readonly Diagnostic[] {
  const last = settings.assignments('Release.Trigger').at(-1);
  if (last === undefined || path !== undefined || trigger?.startsWith('/') !== false) return [];
  return [badValue(last, `Trigger=${trigger} is relative to Path=, which is missing in [Release].`)];
}

/** What is set for requests would be forgotten without a word where none is sent. */
function judgeSend(settings: Settings<ApplicationKey>, { warmup }: Application): readonly Diagnostic[] {
  if (warmup.send.length === 0) return [];
  const keys = ['Warmup.ReadyPath', 'Warmup.Host', 'Warmup.ScriptFilename', 'Warmup.Request'] as const;
  return keys
    .flatMap((key) => settings.assignments(key).slice(-1))
    .map((set) => badValue(set, `${set.key}= is for requests, and with Send= none is sent.`));
}

/** native/bounds.h */
const afterRestoreMax = 16;

function judgeHooks(
  settings: Settings<ApplicationKey>,
  { warmup, snapshot: { afterRestore } }: Application,
): readonly Diagnostic[] {
  const keys = ['Snapshot.BeforeDump', 'Snapshot.AfterRestore'] as const;
  const spoken = keys
    .flatMap((key) => settings.assignments(key))
    .find(({ value }) => /^(GET|POST)\s/.test(value));
  const last = settings.assignments('Snapshot.AfterRestore').at(-1);
  const other = warmup.send.length > 0 ? 'Send=' : 'ScriptFilename=';
  const speaksHttp = warmup.send.length === 0 && warmup.scriptFilename === undefined;
  return [
    ...(spoken !== undefined && !speaksHttp
      ? [
          badValue(
            spoken,
            `'${spoken.value}' is sent in HTTP, which an application with ${other} does not speak.`,
          ),
        ]
      : []),
    ...(last !== undefined && afterRestore.length > afterRestoreMax
      ? [badValue(last, `AfterRestore= stands more than ${afterRestoreMax} times.`)]
      : []),
  ];
}

function judgeRepeatedAddresses(
  settings: Settings<ApplicationKey>,
  listen: readonly ListenAddress[],
): readonly Diagnostic[] {
  const seen = new Set<string>();
  return settings.assignments('Application.ListenStream').flatMap((assignment) => {
    const text = assignment.value;
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return listen.some((address) => address.text === text)
      ? [badValue(assignment, `ListenStream=${text} stands twice.`)]
      : [];
  });
}

function judgeMissing(settings: Settings<ApplicationKey>, files: readonly IniFile[]): readonly Diagnostic[] {
  const file = files[0]?.path ?? '';
  return (['ExecStart', 'ListenStream'] as const).flatMap((key) =>
    settings.assignments(`Application.${key}`).length > 0
      ? []
      : [
          {
            file,
            line: undefined,
            severity: 'error',
            code: 'missing-key',
            message: `${key}= is missing in [Application].`,
          },
        ],
  );
}
