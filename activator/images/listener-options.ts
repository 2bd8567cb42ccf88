// Which setsockopt(2) calls give a fresh listening socket the options that the dumped one had. Reads CRIU's option
// records; those that CRIU does not record (TCP_DEFER_ACCEPT, TCP_FASTOPEN, …) the launcher tells (socket-options.c).

import { GrenadineError } from '../../generator/config/error.js';
import { inetSk, ipOpts, skOpts, tcpOpts } from './schema.js';
import { getBytes, getField, getMessage, getUint, type Message } from './wire.js';

/** One setsockopt(2) call: `value` is the option's memory in lower-case hex, little-endian. */
export interface SocketOption {
  readonly level: number;
  readonly name: number;
  readonly value: string;
}

/** Numbers of socket(7), ip(7) and tcp(7) on Linux, for the architectures that use asm-generic/socket.h. */
const SOL_IP = 0;
const SOL_SOCKET = 1;
const SOL_TCP = 6;
const so = {
  DONTROUTE: 5,
  KEEPALIVE: 9,
  OOBINLINE: 10,
  PRIORITY: 12,
  LINGER: 13,
  REUSEPORT: 15,
  PASSCRED: 16,
  RCVLOWAT: 18,
  RCVTIMEO: 20,
  SNDTIMEO: 21,
  BINDTODEVICE: 25,
  SNDBUFFORCE: 32,
  RCVBUFFORCE: 33,
  PASSSEC: 34,
  MARK: 36,
} as const;
const tcp = { NODELAY: 1, CORK: 3, KEEPIDLE: 4, KEEPINTVL: 5, KEEPCNT: 6 } as const;
const ip = { TOS: 1, TTL: 2 } as const;

/** SO_BUF_LOCK, socket(7): the application chose the size itself, the kernel does not tune it. */
const SOCK_SNDBUF_LOCK = 1;
const SOCK_RCVBUF_LOCK = 2;

/** An option and the value that every fresh socket has: only what differs is set again. */
type Known = readonly [field: number, level: number, name: number, initial: number];

const socketNumbers: readonly Known[] = [
  [skOpts.so_keepalive, SOL_SOCKET, so.KEEPALIVE, 0],
  [skOpts.so_oobinline, SOL_SOCKET, so.OOBINLINE, 0],
  [skOpts.so_dontroute, SOL_SOCKET, so.DONTROUTE, 0],
  [skOpts.so_reuseport, SOL_SOCKET, so.REUSEPORT, 0],
  [skOpts.so_passcred, SOL_SOCKET, so.PASSCRED, 0],
  [skOpts.so_passsec, SOL_SOCKET, so.PASSSEC, 0],
  [skOpts.so_priority, SOL_SOCKET, so.PRIORITY, 0],
  [skOpts.so_rcvlowat, SOL_SOCKET, so.RCVLOWAT, 1],
  [skOpts.so_mark, SOL_SOCKET, so.MARK, 0],
];

/** The initial values of the keepalive numbers and of the TTL are the kernel's; a host that tunes them sets them once more. */
const tcpNumbers: readonly Known[] = [
  [tcpOpts.nodelay, SOL_TCP, tcp.NODELAY, 0],
  [tcpOpts.cork, SOL_TCP, tcp.CORK, 0],
  [tcpOpts.keepidle, SOL_TCP, tcp.KEEPIDLE, 7200],
  [tcpOpts.keepintvl, SOL_TCP, tcp.KEEPINTVL, 75],
  [tcpOpts.keepcnt, SOL_TCP, tcp.KEEPCNT, 9],
];
const ipNumbers: readonly Known[] = [
  [ipOpts.tos, SOL_IP, ip.TOS, 0],
  [ipOpts.ttl, SOL_IP, ip.TTL, 64],
];

/**
 * The options of one inet_sk_entry. SO_REUSEADDR is missing on purpose (systemd sets it on every socket), and so are
 * IPV6_V6ONLY and IP_FREEBIND, which mean nothing once a socket is bound.
 */
export function inetListenerOptions(socket: Message, owner: string): readonly SocketOption[] {
  // IP_TOS changes SO_PRIORITY, so it goes first: ip(7).
  return [
    ...changed(getMessage(socket, inetSk.ip_opts), ipNumbers),
    ...socketOptions(getMessage(socket, inetSk.opts), owner),
    ...changed(getMessage(socket, inetSk.tcp_opts), tcpNumbers),
  ];
}

/** The options in one sk_opts_entry; a classic BPF filter cannot be carried over and is `listener-filter`. */
export function socketOptions(opts: Message | undefined, owner: string): readonly SocketOption[] {
  if (opts === undefined) return [];
  if (getField(opts, skOpts.so_filter) !== undefined) {
    throw new GrenadineError(
      'listener-filter',
      `${owner} has a packet filter (SO_ATTACH_FILTER), which a snapshot cannot keep`,
    );
  }
  return [
    ...changed(opts, socketNumbers),
    ...buffers(opts),
    ...linger(opts),
    ...timeouts(opts),
    ...device(opts),
  ];
}

function changed(message: Message | undefined, known: readonly Known[]): readonly SocketOption[] {
  if (message === undefined) return [];
  return known.flatMap(([field, level, name, initial]) => {
    const value = getUint(message, field) ?? initial;
    return value === initial ? [] : [{ level, name, value: int32(value) }];
  });
}

/** socket(7): the kernel doubles what is set and reports the doubled value. */
function buffers(opts: Message): readonly SocketOption[] {
  const lock = getUint(opts, skOpts.so_buf_lock) ?? 0;
  const half = (field: number): string => int32(Math.floor((getUint(opts, field) ?? 0) / 2));
  return [
    ...((lock & SOCK_SNDBUF_LOCK) === 0 ? [] : [socketOption(so.SNDBUFFORCE, half(skOpts.so_sndbuf))]),
    ...((lock & SOCK_RCVBUF_LOCK) === 0 ? [] : [socketOption(so.RCVBUFFORCE, half(skOpts.so_rcvbuf))]),
  ];
}

/** CRIU writes the seconds only when lingering is on. */
function linger(opts: Message): readonly SocketOption[] {
  const seconds = getUint(opts, skOpts.so_linger);
  return seconds === undefined ? [] : [socketOption(so.LINGER, int32(1) + int32(seconds))];
}

function timeouts(opts: Message): readonly SocketOption[] {
  return [
    ...timeout(opts, so.SNDTIMEO, skOpts.so_snd_tmo_sec, skOpts.so_snd_tmo_usec),
    ...timeout(opts, so.RCVTIMEO, skOpts.so_rcv_tmo_sec, skOpts.so_rcv_tmo_usec),
  ];
}

function timeout(
  opts: Message,
  name: number,
  secondsField: number,
  microsecondsField: number,
): readonly SocketOption[] {
  const seconds = getUint(opts, secondsField) ?? 0;
  const microseconds = getUint(opts, microsecondsField) ?? 0;
  return seconds === 0 && microseconds === 0
    ? []
    : [socketOption(name, int64(seconds) + int64(microseconds))];
}

function device(opts: Message): readonly SocketOption[] {
  const name = getBytes(opts, skOpts.so_bound_dev);
  return name === undefined || name.length === 0
    ? []
    : [socketOption(so.BINDTODEVICE, `${Buffer.from(name).toString('hex')}00`)];
}

function socketOption(name: number, value: string): SocketOption {
  return { level: SOL_SOCKET, name, value };
}

function int32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes.toString('hex');
}

function int64(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes.toString('hex');
}
