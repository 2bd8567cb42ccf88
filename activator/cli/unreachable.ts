// Words for who asks an activator that cannot be reached: why that is so, what is missing meanwhile, and what to do about
// exactly that. Pure.

import type { GrenadineError } from '../../generator/config/error.js';
import { busName } from '../bus/api.js';
import { endingOf } from '../restore/ending.js';
import type { ShownUnit } from './units.js';
import { visible } from './visible.js';

export const activatorUnit = 'grenadine-activator.service';

export interface Unreachable {
  /** A clause without a stop. */
  readonly fault: string;
  /** Commands, and where to look. */
  readonly mend: string;
  /** Another program answers in its place, and launchers ask that one, too. */
  readonly isStranger?: true;
}

const restart = 'systemctl restart grenadine-activator; why: journalctl -u grenadine-activator';

const noBus: Unreachable = {
  fault: 'the system bus cannot be reached',
  mend: 'systemctl start dbus.socket dbus.service grenadine-activator; why: journalctl -u dbus.service',
};

const busFaults: Readonly<Record<string, Unreachable>> = {
  'bus-unreachable': noBus,
  'bus-lost': noBus,
  'bus-silent': {
    fault: 'the system bus takes connections, but does not answer',
    mend: 'journalctl -u dbus.service says why; not everything survives a restart of the bus, so restart the host if you can',
  },
};

/** Who answers knows nothing of what was asked. */
export const strangerCodes: readonly string[] = [
  'org.freedesktop.DBus.Error.UnknownMethod',
  'org.freedesktop.DBus.Error.UnknownInterface',
  'org.freedesktop.DBus.Error.UnknownObject',
];

/**
 * The bus wanted it started, and systemd or the bus did not: NoSuchUnit, BadUnitSetting, OnlyByDependency, ShuttingDown and
 * others. What systemd refuses the activator comes under a name of the activator's.
 */
export function isRefusedStart(code: string): boolean {
  return code.startsWith('org.freedesktop.systemd1.') || code.startsWith('org.freedesktop.DBus.Error.Spawn.');
}

/** `activator` is undefined where systemd could not be asked. */
export function whyUnreachable(
  { code, message }: GrenadineError,
  activator: ShownUnit | undefined,
): Unreachable {
  const fault = busFaults[code];
  if (fault !== undefined) return fault;
  if (strangerCodes.includes(code))
    return {
      isStranger: true,
      fault: `what answers as ${busName} on the system bus is not this version's grenadine-activator`,
      mend: `busctl status ${busName} says who it is; end that program if it is another one, then: ${activator?.loadState === 'masked' ? unmask(activator) : restart}`,
    };
  if (code === 'org.freedesktop.systemd1.UnitMasked' || activator?.loadState === 'masked')
    return { fault: 'grenadine-activator is masked', mend: unmask(activator) };
  const said = visible(message).replace(/\.$/, '');
  if (activator === undefined)
    return { fault: `grenadine-activator cannot be reached (${said})`, mend: restart };
  if (activator.activeState === 'active')
    return { fault: `grenadine-activator runs, but does not answer (${said})`, mend: restart };
  return notRunning(activator, said, isRefusedStart(code));
}

/** Where its start was refused just now, how it ended before explains nothing. */
function notRunning(activator: ShownUnit, said: string, isRefused: boolean): Unreachable {
  if (activator.loadState === 'not-found')
    return {
      fault: `${activatorUnit} is not there`,
      mend: 'install the package again, then: systemctl daemon-reload',
    };
  if (activator.loadState === 'bad-setting' || activator.loadState === 'error')
    return {
      fault: `systemd cannot use ${activatorUnit} (${said})`,
      mend: `systemd-analyze verify ${activatorUnit} says why, and systemctl cat ${activatorUnit} where it comes from; then: systemctl daemon-reload`,
    };
  const how = isRefused ? '' : endingOf('grenadine-activator', activator);
  return { fault: `grenadine-activator does not run (${how === '' ? said : how})`, mend: restart };
}

function unmask(activator: ShownUnit | undefined): string {
  const runtime = activator?.fileState === 'masked-runtime' ? ' --runtime' : '';
  return `systemctl unmask${runtime} grenadine-activator, then: systemctl start grenadine-activator`;
}

/** What comes before the answer that there is without the activator, of one application or of all. */
export function renderAway(why: Unreachable, name: string | undefined): string {
  const [who, left] =
    name === undefined
      ? ['Applications do not depend on it: they are', 'their last starts left in /run/grenadine/outcome/']
      : [`${name} does not depend on it: it is`, `its last start left in /run/grenadine/outcome/${name}`];
  return [
    `grenadine: ${why.fault}.`,
    why.isStranger === true
      ? 'Starts ask that program which snapshot to take: they may be cold boots, though good snapshots are stored.'
      : `${who} started, restored or booted without.`,
    'Missing until it is back: new snapshots, following new releases, and setting aside snapshots that fail.',
    `Mend: ${why.mend}`,
    `What follows is what ${left}, and systemd's own state.`,
    '',
  ].join('\n');
}

/** For a command that the activator alone can do. */
export function renderUndone(why: Unreachable): string {
  return `grenadine: ${why.fault}.\nApplications do not depend on it.\nMend: ${why.mend}\n`;
}
