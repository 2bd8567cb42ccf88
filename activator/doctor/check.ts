// One row of what `grenadine doctor` says: what was looked at, what came of it, and what to do. Shapes only.

export interface Check {
  readonly check: string;
  /** `advice`: nothing stands in the way, but there is something to do. */
  readonly result: 'ok' | 'failed' | 'advice';
  readonly detail: string;
  /** What to do; '' where there is nothing. */
  readonly advice: string;
}

export function ok(check: string, detail: string): Check {
  return { check, result: 'ok', detail, advice: '' };
}

export function failed(check: string, detail: string, advice: string): Check {
  return { check, result: 'failed', detail, advice };
}

export function advised(check: string, detail: string, advice: string): Check {
  return { check, result: 'advice', detail, advice };
}
