// What is known of an application's bake, and how it changes. Pure: `nextBake` is the whole state machine.

export type BakeState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'queued' }
  | { readonly kind: 'running'; readonly phase: string; readonly detail: string }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly attempts: number;
      /** Not before this (ms since the epoch) is it tried again by itself; undefined: not until something changes. */
      readonly retryAtMs: number | undefined;
    };

export type BakeEvent =
  | { readonly kind: 'queued' }
  | { readonly kind: 'progress'; readonly phase: string; readonly detail: string }
  | { readonly kind: 'published' }
  /** Another release was deployed meanwhile: nothing failed, and nothing was made. */
  | { readonly kind: 'superseded' }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly nowMs: number;
      readonly attempts: number;
    }
  | { readonly kind: 'changed' };

const firstPauseMs = 60_000;
const longestPauseMs = 60 * 60_000;
/** Tried for about two hours; what has not helped by then needs somebody. */
const mostAttempts = 8;

export function nextBake(state: BakeState, event: BakeEvent): BakeState {
  switch (event.kind) {
    case 'queued':
      return { kind: 'queued' };
    case 'progress':
      // What was under way beside the step that failed may still tell of itself.
      if (state.kind === 'failed' || state.kind === 'idle') return state;
      return { kind: 'running', phase: event.phase, detail: event.detail };
    case 'published':
    case 'superseded':
      return { kind: 'idle' };
    case 'failed':
      return {
        kind: 'failed',
        code: event.code,
        message: event.message,
        attempts: event.attempts,
        retryAtMs: event.attempts >= mostAttempts ? undefined : event.nowMs + pauseMs(event.attempts),
      };
    case 'changed':
      // A new configuration or release deserves a bake at once, whatever the old one did.
      return state.kind === 'failed' ? { kind: 'idle' } : state;
  }
}

function pauseMs(attempts: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempts - 1));
}

/** May a bake be started by itself now? Asked-for bakes do not ask. */
export function mayBake(state: BakeState, nowMs: number): boolean {
  switch (state.kind) {
    case 'idle':
      return true;
    case 'queued':
    case 'running':
      return false;
    case 'failed':
      return state.retryAtMs !== undefined && nowMs >= state.retryAtMs;
  }
}

/** The phase for tables: '' when nothing is under way. */
export function bakePhase(state: BakeState): string {
  switch (state.kind) {
    case 'idle':
    case 'failed':
      return '';
    case 'queued':
      return 'queued';
    case 'running':
      return state.detail === '' ? state.phase : `${state.phase} ${state.detail}`;
  }
}
