// TCP sockets of a dump that stand in a snapshot's way: a restore would bind them again, and nobody holds their address
// in between. Pure.

import { inetSk } from './schema.js';
import { socketAddress } from './socket-address.js';
import { getUint, type Message } from './wire.js';

/** A socket that the application bound to an address that no ListenStream= names. In a bake it has another port. */
export interface UnnamedSocket {
  readonly inode: number;
  readonly address: string;
}

/** undefined where the launcher was asked about no bind(2): with Sockets=pass, or after a restore. */
export type UnnamedSockets = readonly UnnamedSocket[] | undefined;

export interface ForeignSocket {
  /** As the application has asked for it, where that is known. */
  readonly address: string;
  readonly listens: boolean;
  /** The kernel has chosen its port, which is another one each time. */
  readonly isChosen: boolean;
}

const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/** `socket` was not passed in. undefined: it stands in no way. */
export function foreignSocket(socket: Message, unnamed: UnnamedSockets): ForeignSocket | undefined {
  const state = getUint(socket, inetSk.state);
  const bound = unnamed?.find(({ inode }) => inode === getUint(socket, inetSk.ino));
  const listens = state === TCP_LISTEN;
  // Bound and no more is a lock, or will listen yet.
  if (!listens && (bound === undefined || state !== TCP_CLOSE)) return undefined;
  return {
    address: bound?.address ?? socketAddress(socket),
    listens,
    isChosen: unnamed !== undefined && bound === undefined,
  };
}

/** What to do about it. */
export function foreignAdvice({ address, isChosen }: ForeignSocket): string {
  return isChosen
    ? 'have it take a port of its own choice and give that a ListenStream=, or have it not open one'
    : `add ListenStream=${address}, or have the application not open it`;
}
