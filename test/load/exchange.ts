/** What one request of a load came to, and the line in which the `load` program tells it. Pure. */
export interface Exchange {
  /** Of a client that keeps its connection; the others make a new one for each request. */
  readonly isKept: boolean;
  /** On CLOCK_MONOTONIC, in microseconds: before the connection is made, where one is. */
  readonly beganUs: number;
  readonly endedUs: number;
  /**
   * A kept connection that the server closed in an orderly way (FIN, no reset) before the first byte of an answer: the
   * client asked again on a new one, as RFC 9112, 9.3.1 lets it. A client that posts may not, so this is counted.
   */
  readonly isRepeated: boolean;
  readonly result: Result;
}

export type Result =
  /** `revision` is the header X-Revision, '' where there is none. */
  | { readonly kind: 'answered'; readonly status: number; readonly revision: string }
  | { readonly kind: 'failed'; readonly why: string };

export function formatExchange({ isKept, beganUs, endedUs, isRepeated, result }: Exchange): string {
  const words = [isKept ? 'kept' : 'new', beganUs, endedUs, isRepeated ? 'repeated' : 'once'];
  switch (result.kind) {
    case 'answered':
      return [...words, 'answered', result.status, result.revision].join(' ');
    case 'failed':
      return [...words, 'failed', result.why].join(' ');
  }
}

/** The inverse; throws where the line is not one of formatExchange(). */
export function parseExchange(line: string): Exchange {
  const [, client, began, ended, repeated, kind, rest = ''] =
    /^(kept|new) (\d+) (\d+) (repeated|once) (answered|failed) (.*)$/.exec(line) ?? [];
  if (kind === undefined) throw new Error(`not a line of the load: '${line}'`);
  const [status, revision = ''] = rest.split(' ');
  return {
    isKept: client === 'kept',
    beganUs: Number(began),
    endedUs: Number(ended),
    isRepeated: repeated === 'repeated',
    result:
      kind === 'failed'
        ? { kind: 'failed', why: rest }
        : { kind: 'answered', status: Number(status), revision },
  };
}
