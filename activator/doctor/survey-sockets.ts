// The sockets of a dump: which ListenStream= each listener serves, and what becomes of connections. Pure.

import { foreignAdvice, foreignSocket, type UnnamedSockets } from '../images/foreign-socket.js';
import type { ImageFile } from '../images/image-file.js';
import { fdType, fileEntry, inetSk, unixSk } from '../images/schema.js';
import { peerAddress, socketAddress } from '../images/socket-address.js';
import { getBytes, getMessage, getUint, type Message } from '../images/wire.js';
import { counted, held, hint, obstacle, type Finding } from './finding.js';

/** A socket that was passed in, and what stands for it in the configuration. */
export interface Listening {
  readonly inode: number;
  readonly stream: string;
  /** The application has bound it by itself. */
  readonly isAdopted: boolean;
}

const TCP_ESTABLISHED = 1;
const TCP_LISTEN = 10;
const SOCK_STREAM = 1;

export function surveySockets(
  files: ImageFile,
  listening: readonly Listening[],
  unnamed: UnnamedSockets,
): readonly Finding[] {
  const inet = messages(files, fileEntry.isk);
  const unix = messages(files, fileEntry.usk);
  const inodes = new Set([
    ...inet.map((socket) => getUint(socket, inetSk.ino)),
    ...unix.map((socket) => getUint(socket, unixSk.ino)),
  ]);
  return [
    ...listening.map(({ inode, stream, isAdopted }) =>
      inodes.has(inode)
        ? held(
            'listener',
            `ListenStream=${stream}`,
            `${isAdopted ? 'bound by the application' : 'passed to the application'}: systemd's own socket takes its place`,
          )
        : hint(
            'listener',
            `ListenStream=${stream}`,
            'the application does not hold it: connections wait for ever',
            'take it out of the configuration, or have the application listen on it',
          ),
    ),
    ...inet.flatMap((socket) => inetFinding(socket, listening, unnamed)),
    ...unix.flatMap((socket) => unixFinding(socket, listening)),
    ...pairs(unix, listening),
    ...netlink(files),
  ];
}

function inetFinding(
  socket: Message,
  listening: readonly Listening[],
  unnamed: UnnamedSockets,
): readonly Finding[] {
  if (listening.some(({ inode }) => inode === getUint(socket, inetSk.ino))) return [];
  const isStream = getUint(socket, inetSk.type) === SOCK_STREAM;
  const address = socketAddress(socket);
  if (!isStream)
    return [held('UDP socket', address, 'made again; a restore fails where its port is taken by then')];
  const foreign = foreignSocket(socket, unnamed);
  if (foreign !== undefined)
    return [
      obstacle(
        'listener',
        foreign.address,
        'no ListenStream= is for it, so that nobody would hold it while the application is down',
        foreignAdvice(foreign),
      ),
    ];
  return getUint(socket, inetSk.state) === TCP_ESTABLISHED
    ? [
        held(
          'TCP connection',
          `${address} to ${peerAddress(socket)}`,
          'closed in the snapshot: the application connects again',
        ),
      ]
    : [held('TCP socket', address, 'restored, not connected')];
}

function unixFinding(socket: Message, listening: readonly Listening[]): readonly Finding[] {
  if (listening.some(({ inode }) => inode === getUint(socket, unixSk.ino))) return [];
  const name = nameOf(socket);
  return getUint(socket, unixSk.state) === TCP_LISTEN
    ? [held('listener', name, 'made again at its path: it is closed while the application is down')]
    : [];
}

/** Whatever is connected inside of the tree is restored connected; what led outside has no peer any more. */
function pairs(unix: readonly Message[], listening: readonly Listening[]): readonly Finding[] {
  const count = unix.filter(
    (socket) =>
      getUint(socket, unixSk.state) !== TCP_LISTEN &&
      getUint(socket, unixSk.peer) !== 0 &&
      !listening.some(({ inode }) => inode === getUint(socket, unixSk.ino)),
  ).length;
  return count === 0
    ? []
    : [held('UNIX socket', counted(count, 'end'), 'restored, connected to each other as they were')];
}

function netlink(files: ImageFile): readonly Finding[] {
  const ofType = (type: number): number =>
    files.entries.filter((entry) => getUint(entry, fileEntry.type) === type).length;
  const [netlinks, packets] = [ofType(fdType.NETLINKSK), ofType(fdType.PACKETSK)];
  return [
    ...(netlinks === 0 ? [] : [held('netlink socket', `${netlinks}`, 'restored, without what was queued')]),
    ...(packets === 0 ? [] : [held('packet socket', `${packets}`, 'restored')]),
  ];
}

function nameOf(socket: Message): string {
  const text = new TextDecoder().decode(getBytes(socket, unixSk.name) ?? new Uint8Array());
  return text.replace(/^\0/, '@').replace(/\0.*$/s, '');
}

function messages(files: ImageFile, field: number): readonly Message[] {
  return files.entries.flatMap((entry) => {
    const socket = getMessage(entry, field);
    return socket === undefined ? [] : [socket];
  });
}
