// One FastCGI request to a scratch address, as a web server that stands in front sends it, the whole answer read.

import { createConnection } from 'node:net';
import { GrenadineError } from '../../generator/config/error.js';
import type { ScratchAddress } from '../control/control-reply.js';
import { encodeRequest, noAnswer, printedOf, readAnswer, statusOf, type Answer } from './fastcgi-records.js';

/** `script` is a file on the application's side. Else as requestStatus(). */
export async function fastcgiGet(
  address: ScratchAddress,
  script: string,
  path: string,
  host: string,
  timeoutMs: number,
): Promise<number> {
  return (await exchange(address, script, path, host, timeoutMs)).status;
}

/** The same with what the script printed, see printedOf(). */
export async function fastcgiAnswer(
  address: ScratchAddress,
  script: string,
  path: string,
  host: string,
  timeoutMs: number,
): Promise<ReturnType<typeof printedOf>> {
  return printedOf((await exchange(address, script, path, host, timeoutMs)).answer);
}

function exchange(
  address: ScratchAddress,
  script: string,
  path: string,
  host: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly answer: Answer }> {
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown): void => {
      reject(new GrenadineError('request-failed', `GET ${path} got no answer.`, { cause }));
    };
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    const socket = createConnection({ ...target(address), signal });
    let answer = noAnswer;
    socket.on('error', failed);
    socket.on('data', (chunk) => {
      answer = readAnswer(answer, chunk);
    });
    socket.on('close', () => {
      const status = statusOf(answer);
      if (status === undefined)
        failed(new Error('the connection was closed without one, as if FastCGI were not spoken'));
      else resolve({ status, answer });
    });
    socket.write(encodeRequest(parameters(script, path, host)));
  });
}

function target(address: ScratchAddress): { host: string; port: number } | { path: string } {
  return address.kind === 'tcp' ? { host: address.host, port: address.port } : { path: address.path };
}

/** RFC 3875, 4.1, and those that web servers add and PHP relies on. */
function parameters(script: string, path: string, host: string): Readonly<Record<string, string>> {
  const [, name = '', query = ''] = /^([^?]*)\??(.*)$/.exec(path) ?? [];
  return {
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_SOFTWARE: 'grenadine-bake',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_NAME: host.replace(/:\d+$/, ''),
    SERVER_ADDR: '127.0.0.1',
    SERVER_PORT: '80',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_PORT: '0',
    REQUEST_METHOD: 'GET',
    REQUEST_SCHEME: 'http',
    REQUEST_URI: path,
    DOCUMENT_URI: name,
    QUERY_STRING: query,
    CONTENT_TYPE: '',
    CONTENT_LENGTH: '',
    SCRIPT_FILENAME: script,
    SCRIPT_NAME: `/${script.replace(/^.*\//, '')}`,
    DOCUMENT_ROOT: script.replace(/\/[^/]*$/, '') || '/',
    HTTP_HOST: host,
    HTTP_USER_AGENT: 'grenadine-bake',
    REDIRECT_STATUS: '200',
  };
}
