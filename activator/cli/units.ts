// What systemd says of units, by systemctl(1): root's has a way to systemd of its own, without the bus. Decides nothing.

import { stateOf, type UnitState } from '../bus/unit-properties.js';
import { runCommand } from '../run-command.js';

export interface ShownUnit extends UnitState {
  /** systemd's UnitFileState=: `masked` and `masked-runtime` among others. */
  readonly fileState: string;
}

/** Of each unit its state, in the order asked; none at all where systemd cannot be asked. */
export type ShowUnits = (units: readonly string[]) => Promise<readonly ShownUnit[]>;

const properties = [
  ...['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'MainPID', 'Result', 'NRestarts'],
  ...['ExecMainCode', 'ExecMainStatus', 'ConditionTimestampMonotonic', 'ExecMainStartTimestampMonotonic'],
];

export const showUnits: ShowUnits = async (units) => {
  if (units.length === 0) return [];
  const argv = ['systemctl', 'show', `--property=${properties.join(',')}`, '--', ...units] as const;
  const shown = await runCommand(argv, { timeoutMs: 5000 }).catch(() => undefined);
  const states = parseShown(shown?.stdout ?? '');
  return states.length === units.length ? states : [];
};

/** Reads lines of `Property=value`, an empty one between units. */
export function parseShown(text: string): readonly ShownUnit[] {
  return text
    .split('\n\n')
    .filter((block) => block.includes('='))
    .map((block) => {
      const values = Object.fromEntries(
        block
          .split('\n')
          .filter((line) => line.includes('='))
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
      );
      return { ...stateOf(values), fileState: values['UnitFileState'] ?? '' };
    });
}
