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
      /** Not before this (ms since the epoch) is it tried again by itself. */
      readonly retryAtMs: number;
    };

export type BakeEvent =
  | { readonly kind: 'queued' }
  | { readonly kind: 'progress'; readonly phase: string; readonly detail: string }
  | { readonly kind: 'published' }
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

export function nextBake(state: BakeState, event: BakeEvent): BakeState {
  switch (event.kind) {
    case 'queued':
      return { kind: 'queued' };
    case 'progress':
      return { kind: 'running', phase: event.phase, detail: event.detail };
    case 'published':
      return { kind: 'idle' };
    case 'failed':
      return {
        kind: 'failed',
        code: event.code,
        message: event.message,
        attempts: event.attempts,
        retryAtMs: event.nowMs + Math.min(longestPauseMs, firstPauseMs * 2 ** (event.attempts - 1)),
      };
    case 'changed':
      // A new configuration or release deserves a bake at once, whatever the old one did.
      return state.kind === 'failed' ? { kind: 'idle' } : state;
  }
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
      return nowMs >= state.retryAtMs;
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

export function bakeProblem(state: BakeState): string {
  return state.kind === 'failed' ? `the last bake failed (${state.code}): ${state.message}` : '';
}
