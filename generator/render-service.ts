// The texts of NAME.service, in which the application runs, and NAME-bake.service, in which its snapshots are made. Pure.
import type { Application } from './config/application.js';
import { fingerprintOf, socketsFingerprintOf } from './config/fingerprint.js';
import { fillUnitSpecifiers } from './bake-specifiers.js';
import { unitHead, unitText } from './unit-file.js';
import { quoteArgument, quoteWord } from './config/quote.js';

const launcher = '/usr/lib/grenadine/grenadine-launch';

export function renderService(application: Application): string {
  const { name } = application;
  return unitText([
    ...unitHead(application, application.description),
    `Requires=${name}.socket`,
    `After=${name}.socket network.target`,
    ...mounts(application),
    '# Wanted, never waited for: where the activator does not answer, the launcher goes by what was published.',
    'Wants=grenadine-activator.service',
    '# A crash loop is slowed down by RestartSteps= below and never refused: a refused start would fail the socket too.',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=main',
    ...environment(application),
    '# Root at first, to build namespaces; the application runs as its own user. After -- stands its cold boot.',
    command(application, []),
    '# The newest snapshot comes up beside what runs, which then finishes its requests and goes.',
    `ExecReload=${launcher} ${identity(application).map(quoteArgument).join(' ')} --reload`,
    `SyslogIdentifier=${name}`,
    ...stopping,
    '# The kernel may end CRIU for want of memory: then the launcher boots it cold, and is not stopped for that.',
    'OOMPolicy=continue',
    'Restart=on-failure',
    '# A Java machine that was stopped ends so.',
    'SuccessExitStatus=143',
    'RestartSec=100ms',
    'RestartSteps=5',
    'RestartMaxDelaySec=10s',
  ]);
}

/** No [Install], no socket: only the activator starts it. */
export function renderBakeService(application: Application): string {
  const { name, listen } = application;
  const listeners = listen.map(({ text }) => `--listener=${text}`);
  const asInService = (line: string): string => fillUnitSpecifiers(line, name);
  return unitText([
    ...unitHead(application, `${application.description} (snapshot)`),
    '# Only the activator has work for it: when that ends, by whatever means, so does this.',
    'BindsTo=grenadine-activator.service',
    'After=grenadine-activator.service network.target',
    ...mounts(application),
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=main',
    ...environment(application).map(asInService),
    '# As in the service, but in place of its real addresses the application gets scratch ones, in the same order.',
    asInService(command(application, ['--bake', ...listeners])),
    `SyslogIdentifier=${name}-bake`,
    ...stopping,
    'Restart=no',
    '# Those who are served come first. No Nice= and no limits: a snapshot would bring them back with the process.',
    'CPUWeight=20',
    'IOWeight=20',
  ]);
}

const stopping = [
  '# SIGTERM goes to the launcher alone, which forwards it; SIGKILL, after TimeoutStopSec=, to everything.',
  'KillMode=mixed',
] as const;

/** Verbatim: systemd splits and expands these as in any other unit. */
function environment({ environment: variables, environmentFiles }: Application): readonly string[] {
  return [
    ...variables.map((text) => `Environment=${text}`),
    ...environmentFiles.map((text) => `EnvironmentFile=${text}`),
  ];
}

/** What a reload compares with the start, which may have been of another configuration. */
function identity(application: Application): readonly string[] {
  return [
    `--app=${application.name}`,
    `--configuration=${fingerprintOf(application)}`,
    `--sockets=${socketsFingerprintOf(application)}`,
  ];
}

/** The launcher drops privileges by itself, hence no User=: it needs root to build the namespaces. */
function command(application: Application, more: readonly string[]): string {
  const { user, group, workingDirectory, snapshot } = application;
  const options = [
    ...identity(application),
    ...more,
    ...howSocketsCome(application.sockets),
    ...(snapshot.enable && snapshot.presets ? ['--presets'] : []),
    ...(snapshot.enable && snapshot.seed !== undefined ? ['--seed'] : []),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(group === undefined ? [] : [`--group=${group}`]),
    ...(workingDirectory === undefined ? [] : [`--directory=${workingDirectory}`]),
  ];
  return `ExecStart=${launcher} ${options.map(quoteArgument).join(' ')} -- ${application.execStart}`;
}

function howSocketsCome(sockets: Application['sockets']): readonly string[] {
  return sockets === 'pass' ? [] : sockets === 'adopt' ? ['--adopt', '--no-pass'] : ['--adopt'];
}

function mounts({ workingDirectory, release }: Application): readonly string[] {
  const paths = [workingDirectory ?? '/', release.path ?? '/'].filter((path) => /^\/./.test(path));
  const words = [...new Set(paths)].map(quoteWord);
  return words.length === 0 ? [] : [`RequiresMountsFor=${words.join(' ')}`];
}
