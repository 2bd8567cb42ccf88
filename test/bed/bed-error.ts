/**
 * What a bed throws when it is the bed itself that failed, never a command run in it.
 * The message says what to do about it; callers and tests look at the code alone.
 */
export type BedErrorCode =
  | 'host-unfit'
  | 'no-network'
  | 'root-not-built'
  | 'boot-failed'
  | 'package-not-installed'
  | 'command-not-started'
  | 'command-timed-out'
  | 'bed-closed';

export class BedError extends Error {
  readonly code: BedErrorCode;

  constructor(code: BedErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BedError';
    this.code = code;
  }
}
