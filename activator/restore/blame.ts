// Whether a snapshot is to blame for the start that it failed. Pure.

const blaming: readonly string[] = [
  'restore-failed',
  'restore-timeout',
  'plan-invalid',
  'file-refused',
  'ended-early',
  'no-answer',
];

/** Does the code of a failed rung blame the snapshot itself, so that it must not be tried again? */
export function blamesSnapshot(code: string): boolean {
  return blaming.includes(code);
}
