// The records of FastCGI 1.0, as a web server sends and gets them: one GET request, and what its answer says. Pure.

/** Header: version, type, request (2 bytes), length of the content (2 bytes), length of the padding, reserved. */
const headerBytes = 8;
const version = 1;
const type = { beginRequest: 1, endRequest: 3, params: 4, stdin: 5, stdout: 6 } as const;
const responder = 1;
const requestComplete = 0;
/** We ask once on each connection. */
const request = 1;

/** Longer heads of an answer are cut; a status stands within. */
const mostHeadBytes = 16 * 1024;

/** `parameters` are CGI's (RFC 3875), short enough for one record. */
export function encodeRequest(parameters: Readonly<Record<string, string>>): Buffer {
  const begin = Buffer.from([0, responder, 0, 0, 0, 0, 0, 0]);
  const pairs = Buffer.concat(Object.entries(parameters).map(encodePair));
  const nothing = Buffer.alloc(0);
  return Buffer.concat([
    record(type.beginRequest, begin),
    record(type.params, pairs),
    record(type.params, nothing),
    record(type.stdin, nothing),
  ]);
}

function record(kind: number, content: Buffer): Buffer {
  const header = Buffer.from([version, kind, 0, request, 0, 0, 0, 0]);
  header.writeUInt16BE(content.length, 4);
  return Buffer.concat([header, content]);
}

function encodePair([name, value]: readonly [string, string]): Buffer {
  const [one, other] = [Buffer.from(name), Buffer.from(value)];
  return Buffer.concat([encodeLength(one.length), encodeLength(other.length), one, other]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const long = Buffer.alloc(4);
  long.writeUInt32BE(length + 0x8000_0000);
  return long;
}

/** How far an answer has come. */
export interface Answer {
  /** Bytes of a record that is not whole yet. */
  readonly rest: Buffer;
  /** The beginning of what the script printed. */
  readonly head: Buffer;
  readonly end: 'missing' | 'complete' | 'refused';
}

export const noAnswer: Answer = { rest: Buffer.alloc(0), head: Buffer.alloc(0), end: 'missing' };

export function readAnswer(answer: Answer, more: Buffer): Answer {
  let { head, end } = answer;
  let rest = Buffer.concat([answer.rest, more]);
  while (rest.length >= headerBytes) {
    const contentEnd = headerBytes + rest.readUInt16BE(4);
    const recordEnd = contentEnd + rest.readUInt8(6);
    if (rest.length < recordEnd) break;
    const [kind, content] = [rest[1], rest.subarray(headerBytes, contentEnd)];
    if (kind === type.stdout) head = Buffer.concat([head, content]).subarray(0, mostHeadBytes);
    if (kind === type.endRequest) end = content[4] === requestComplete ? 'complete' : 'refused';
    rest = rest.subarray(recordEnd);
  }
  return { rest, head, end };
}

/** What the script printed, as far as it is kept: its headers and the beginning of the body, as Latin-1. */
export function printedOf({ head }: Answer): {
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
} {
  const [, lines = '', body = ''] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(head.toString('latin1')) ?? [];
  const headers = [...lines.matchAll(/^([^:\r\n]+):[ \t]*([^\r\n]*)/gm)];
  return { headers: headers.map(([, name = '', value = '']) => [name, value]), body };
}

/** RFC 3875, 6.3.3: a script that names no status means 200. Undefined for what is no answer of a script. */
export function statusOf({ head, end }: Answer): number | undefined {
  const headers = /^([\s\S]*?)\r?\n\r?\n/.exec(head.toString('latin1'))?.[1];
  if (end !== 'complete' || headers === undefined) return undefined;
  return Number(/^Status:[ \t]*(\d{3})/im.exec(headers)?.[1] ?? 200);
}
