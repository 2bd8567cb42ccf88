// Reads the value of ListenStream= as systemd.socket(5) does, for the kinds of address that a snapshot can listen on.
import type { ListenAddress } from './application.js';
import { parseAbsolutePath } from './paths.js';
import { fault, value, type Parsed } from './parsed.js';

/** sun_path of unix(7) less its final NUL, or less the NUL in front of an abstract name. */
const LONGEST_UNIX = 107;

export function parseListenAddress(text: string): Parsed<ListenAddress> {
  if (text.startsWith('/')) return parseUnix(text);
  if (text.startsWith('@')) return parseAbstract(text);
  if (/^vsock/.test(text)) return fault(`does not take VSOCK addresses: CRIU cannot restore them`);
  if (/^\d+$/.test(text)) return withPort(text, text, 'tcp6', '::');
  const six = /^\[([^\]]*)\]:(\d+)$/.exec(text);
  if (six !== null) return withPort(text, six[2] ?? '', 'tcp6', six[1] ?? '');
  const four = /^([0-9.]+):(\d+)$/.exec(text);
  if (four !== null) return withPort(text, four[2] ?? '', 'tcp4', four[1] ?? '');
  if (/^[^:]+:\d+$/.test(text)) {
    return fault(`takes numeric addresses: at boot, when systemd binds them, no name can be looked up yet`);
  }
  return fault(`takes a port, IPV4:PORT, [IPV6]:PORT, /path or @name, not '${text}'`);
}

function withPort(text: string, port: string, kind: 'tcp4' | 'tcp6', host: string): Parsed<ListenAddress> {
  const isHost = kind === 'tcp4' ? isIPv4(host) : isIPv6(host);
  if (!isHost) return fault(`takes a numeric address, which '${host}' is not`);
  const number = Number(port);
  if (number < 1 || number > 65535) return fault(`takes a port from 1 to 65535, not '${port}'`);
  return value({ kind, text, host, port: number });
}

function parseUnix(text: string): Parsed<ListenAddress> {
  const path = parseAbsolutePath(text);
  if (path.kind === 'fault') return path;
  return Buffer.byteLength(path.value) > LONGEST_UNIX
    ? fault(`takes a path of at most ${LONGEST_UNIX} bytes`)
    : value({ kind: 'unix', text, path: path.value });
}

function parseAbstract(text: string): Parsed<ListenAddress> {
  const name = text.slice(1);
  if (name === '' || Buffer.byteLength(name) > LONGEST_UNIX) {
    return fault(`takes an abstract name of 1 to ${LONGEST_UNIX} bytes`);
  }
  return name.includes('%')
    ? fault(`does not expand specifiers, '%' cannot be used`)
    : value({ kind: 'abstract', text, name });
}

function isIPv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** The URL parser knows IPv6 and is always loaded; node:net would cost the generator 2 ms at each boot. */
function isIPv6(host: string): boolean {
  return /^[0-9A-Fa-f:.]+$/.test(host) && URL.canParse(`http://[${host}]/`);
}
