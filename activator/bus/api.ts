// The shape of org.grenadine.Activator1 (org.grenadine.Activator1(5)), shared by the daemon and the command.

export const busName = 'org.grenadine.Activator1';
export const objectPath = '/org/grenadine/Activator1';
export const interfaceName = 'org.grenadine.Activator1';

/** Signals and their signatures. */
export const signals = {
  /** name, phase, detail */
  BakeProgress: 'sss',
  /** name, snapshot id */
  Published: 'ss',
  /** name, code, message */
  BakeFailed: 'sss',
} as const;

/** Method signatures, in and out. */
export const methods = {
  Activate: { in: 'ss', out: 'as' },
  Report: { in: 'sa{ss}', out: '', noReply: true },
  List: { in: '', out: 'aa{sv}' },
  ListSnapshots: { in: 's', out: 'aa{sv}' },
  Status: { in: 's', out: 'a{sv}' },
  Why: { in: 's', out: 'a{sv}' },
  Bake: { in: 's', out: 's' },
  Dump: { in: 'sb', out: 's' },
  Restore: { in: 'ss', out: 's' },
  Prune: { in: 'b', out: 'aa{sv}' },
  Remove: { in: 'ss', out: '' },
  Verify: { in: 'ss', out: 'aa{sv}' },
  Kill: { in: 'si', out: '' },
  Define: { in: 'ss', out: '' },
  Examine: { in: 's', out: 'aa{sv}' },
  CompareRestores: { in: 'ss', out: 'aa{sv}' },
  Diagnose: { in: '', out: 'aa{sv}' },
} as const;

export type MethodName = keyof typeof methods;
