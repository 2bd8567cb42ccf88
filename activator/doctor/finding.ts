// One row of what `grenadine doctor NAME` says: something that the application holds, and how a snapshot deals with it.
// Shapes only.

export interface Finding {
  /** What sort of thing: process, listener, file … */
  readonly holds: string;
  readonly what: string;
  /** `advice`: a snapshot can be made, but there is something to know or to do. */
  readonly result: 'ok' | 'failed' | 'advice';
  /** How it is dealt with, or why it is not. */
  readonly handling: string;
  /** What to do; '' where there is nothing. */
  readonly advice: string;
}

export function held(holds: string, what: string, handling: string): Finding {
  return { holds, what, result: 'ok', handling, advice: '' };
}

export function obstacle(holds: string, what: string, handling: string, advice: string): Finding {
  return { holds, what, result: 'failed', handling, advice };
}

export function hint(holds: string, what: string, handling: string, advice: string): Finding {
  return { holds, what, result: 'advice', handling, advice };
}

/** '1 thread', '3 threads', of a noun that takes an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
