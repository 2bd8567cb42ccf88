// What is wrong beside the way it came up, in an operator's words; each '' where nothing is. Pure.

import type { BakeState } from '../bake/bake-state.js';
import { causeOf } from '../doctor/criu-causes.js';
import type { Kept, Outcome } from '../restore/outcome.js';
import { nextAttempt } from './outlook.js';
import type { Automation } from './situation.js';

/** Of the last switch. */
export function switchProblem(kept: Kept | undefined): string {
  if (kept === undefined) return '';
  return `the last switch failed, and what ran goes on (${kept.reason}): ${kept.detail}`;
}

/** Of AfterRestore=. */
export function hookProblem(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.afterRestore === '') return '';
  return `AfterRestore= failed, and it serves nevertheless: ${outcome.afterRestore}`;
}

/** Of the namespaces without which no snapshot can be made of it. */
export function namespaceProblem(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.plain === '') return '';
  return `it runs without namespaces of its own, and no snapshot can be made: ${outcome.plain}`;
}

/** Of the last bake: what its errors mean where that is known, else the errors. */
export function bakeProblem(bake: BakeState, name: string, automation: Automation): string {
  if (bake.kind !== 'failed') return '';
  const known = causeOf(bake.message);
  const why =
    known === undefined
      ? `(${bake.code}): ${bake.message}`
      : `(${bake.code}): ${known.cause}; what helps: ${known.advice}`;
  return `the last bake failed ${why}; ${nextAttempt(bake, name, automation)}`;
}
