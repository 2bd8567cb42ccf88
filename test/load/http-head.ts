/** As much of HTTP/1.1 as tells when an answer is whole: a status line, headers, a Content-Length. Pure. */
export interface HttpHead {
  readonly status: number;
  /** X-Revision, '' where there is none. */
  readonly revision: string;
  /** The server will close the connection. */
  readonly isLast: boolean;
}

export type Reading =
  | { readonly kind: 'more' }
  | { readonly kind: 'whole'; readonly head: HttpHead }
  /** Not what a client that asks one thing after the other may get. */
  | { readonly kind: 'strange'; readonly why: string };

export function readAnswer(received: Buffer): Reading {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return { kind: 'more' };
  const text = received.toString('latin1', 0, end);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  const length = header(text, 'content-length');
  if (status === undefined || length === undefined)
    return { kind: 'strange', why: `not an answer with a length: '${text.slice(0, 80)}'` };
  const missing = end + 4 + Number(length) - received.length;
  if (missing > 0) return { kind: 'more' };
  if (missing < 0) return { kind: 'strange', why: 'more than was asked for' };
  return {
    kind: 'whole',
    head: {
      status: Number(status),
      revision: header(text, 'x-revision') ?? '',
      isLast: header(text, 'connection')?.toLowerCase() === 'close',
    },
  };
}

function header(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*?) *\r?$`, 'im').exec(head)?.[1];
}
