// The addresses of an inet_sk_entry as people write it: 127.0.0.1:80, [::1]:80.

import { SocketAddress } from 'node:net';
import { inetSk } from './schema.js';
import { getUint, getUints, type Message } from './wire.js';

const AF_INET6 = 10;

/** CRIU stores addresses as the 32-bit words that lay in memory, in network byte order, and the port as a number. */
export function socketAddress(socket: Message): string {
  return addressOf(socket, inetSk.src_addr, inetSk.src_port);
}

/** Whom it is connected to. */
export function peerAddress(socket: Message): string {
  return addressOf(socket, inetSk.dst_addr, inetSk.dst_port);
}

function addressOf(socket: Message, address: number, portField: number): string {
  const bytes = getUints(socket, address).flatMap((word) =>
    [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff),
  );
  const port = getUint(socket, portField) ?? 0;
  if (getUint(socket, inetSk.family) !== AF_INET6) return `${bytes.slice(0, 4).join('.')}:${port}`;
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return `[${new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address}]:${port}`;
}
