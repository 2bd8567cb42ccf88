// Where the generator's messages go: the kernel's log buffer when systemd runs it, for it may talk to no other process
// (systemd.generator(7)) and journald reads that buffer later; standard error otherwise.
import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** Levels of syslog(3) that a generator has use for. */
type Level = 'error' | 'warning';

export interface Log {
  readonly write: (level: Level, message: string) => void;
  readonly close: () => void;
}

const levels = { error: 3, warning: 4 } as const;

/** The kernel refuses a record of more than 1024 bytes; this leaves room for prefix and name. */
const LONGEST_BYTES = 900;

/** `environment` is that of the process: systemd sets SYSTEMD_SCOPE for generators, and for nobody else. */
export function openLog(environment: NodeJS.ProcessEnv, device = '/dev/kmsg'): Log {
  const kmsg = environment['SYSTEMD_SCOPE'] === undefined ? undefined : openDevice(device);
  return {
    write: (level, message) => {
      if (kmsg === undefined || !writeRecord(kmsg, level, message)) process.stderr.write(`${message}\n`);
    },
    close: () => {
      if (kmsg !== undefined) closeSync(kmsg);
    },
  };
}

/** Undefined in a container that has none. Never creates it. */
function openDevice(device: string): number | undefined {
  try {
    return openSync(device, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** One write(2) is one record. */
function writeRecord(kmsg: number, level: Level, message: string): boolean {
  const line = Buffer.from(message.replace(/\p{Cc}+/gu, ' '))
    .subarray(0, LONGEST_BYTES)
    .toString();
  try {
    writeSync(kmsg, `<${levels[level]}>grenadine-generator[${process.pid}]: ${line}\n`);
    return true;
  } catch {
    return false;
  }
}
