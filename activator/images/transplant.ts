// The transplant: turns the listening sockets that systemd will hold from "make this socket again" into "take the one
// that is handed in". Pure; edit-images.ts reads and writes the files.
//
// CRIU never looks at inherited descriptors for an INETSK, but does for a UNIXSK: open_unix_sk in criu/sk-unix.c asks
// inherited_fd first, compares "socket:[INO]" with --inherit-fd, and then creates, binds and sets nothing. So the
// record changes its type. INVARIANTS: the id stays (fdinfo and epoll point to it), ino stays (--inherit-fd names it),
// and the name is empty, or unlink_sk would remove systemd's socket file before the restore.

import { GrenadineError } from '../../generator/config/error.js';
import { foreignAdvice, foreignSocket, type UnnamedSockets } from './foreign-socket.js';
import type { ImageFile } from './image-file.js';
import { inetListenerOptions, socketOptions, type SocketOption } from './listener-options.js';
import { fdinfoEntry, fdType, fileEntry, inetSk, unixSk } from './schema.js';
import { socketAddress } from './socket-address.js';
import {
  bytesField,
  getBytes,
  getMessage,
  getUint,
  removeFields,
  setBytes,
  setMessage,
  setUint,
  uintField,
  type Message,
} from './wire.js';

/** A listening socket as the launcher passed it: its place among the passed ones and its inode. */
export interface PassedListener {
  readonly index: number;
  readonly inode: number;
}

/** What the dumped listener was like, so that the launcher can make systemd's socket behave the same. */
export interface TransplantedListener extends PassedListener {
  readonly family: 'inet' | 'inet6' | 'unix';
  /** Where it listened when it was dumped. */
  readonly address: string;
  readonly backlog: number;
  readonly nonblock: boolean;
  readonly v6only: boolean | undefined;
  readonly options: readonly SocketOption[];
}

export interface FileImages {
  readonly files: ImageFile;
  /** fdinfo-N.img by file name. */
  readonly fdinfos: ReadonlyMap<string, ImageFile>;
}

export interface Transplant extends FileImages {
  /** In the order of the passed sockets; one that the application had closed is missing. */
  readonly listeners: readonly TransplantedListener[];
}

const TCP_LISTEN = 10;
const SOCK_STREAM = 1;
const O_NONBLOCK = 0o4000;

/**
 * Codes: `foreign-listener` for a listening TCP socket that was not passed in, `listener-shut` for a passed one that no
 * longer listens, `image-incomplete`, `listener-filter`.
 */
export function transplant(
  images: FileImages,
  passed: readonly PassedListener[],
  unnamed: UnnamedSockets,
): Transplant {
  const entries = images.files.entries.map((entry) => transplantEntry(entry, passed, unnamed));
  const moved = new Set(entries.flatMap(({ entry, listener }) => (listener ? [fileId(entry)] : [])));
  return {
    files: { ...images.files, entries: entries.map(({ entry }) => entry) },
    fdinfos: new Map([...images.fdinfos].map(([name, image]) => [name, retype(image, moved)])),
    listeners: entries
      .flatMap(({ listener }) => (listener ? [listener] : []))
      .sort((one, other) => one.index - other.index),
  };
}

interface EditedEntry {
  readonly entry: Message;
  readonly listener?: TransplantedListener;
}

function transplantEntry(
  entry: Message,
  passed: readonly PassedListener[],
  unnamed: UnnamedSockets,
): EditedEntry {
  const type = getUint(entry, fileEntry.type);
  if (type === fdType.INETSK)
    return transplantInet(entry, required(getMessage(entry, fileEntry.isk), 'isk'), passed, unnamed);
  if (type === fdType.UNIXSK)
    return transplantUnix(entry, required(getMessage(entry, fileEntry.usk), 'usk'), passed);
  return { entry };
}

function transplantInet(
  entry: Message,
  socket: Message,
  passed: readonly PassedListener[],
  unnamed: UnnamedSockets,
): EditedEntry {
  const own = ownListener(getUint(socket, inetSk.ino), passed);
  if (own === undefined) {
    refuseForeign(socket, unnamed);
    return { entry };
  }
  const address = socketAddress(socket);
  if (getUint(socket, inetSk.state) !== TCP_LISTEN)
    throw new GrenadineError('listener-shut', `the application shut down the passed socket ${own.index}`);
  const flags = required(getUint(socket, inetSk.flags), 'isk.flags');
  const v6only = getUint(socket, inetSk.v6only);
  const moved = setMessage(
    setUint(entry, fileEntry.type, fdType.UNIXSK),
    fileEntry.usk,
    unixFromInet(socket, flags),
  );
  return {
    entry: removeFields(moved, fileEntry.isk),
    listener: {
      ...own,
      family: v6only === undefined ? 'inet' : 'inet6',
      address,
      backlog: required(getUint(socket, inetSk.backlog), 'isk.backlog'),
      nonblock: (flags & O_NONBLOCK) !== 0,
      v6only: v6only === undefined ? undefined : v6only !== 0,
      options: inetListenerOptions(socket, `the listener on ${address}`),
    },
  };
}

function refuseForeign(socket: Message, unnamed: UnnamedSockets): void {
  const foreign = foreignSocket(socket, unnamed);
  if (foreign === undefined) return;
  const { address, listens, isChosen } = foreign;
  const what = isChosen ? 'a port that the kernel has chosen' : 'which no ListenStream= names';
  throw new GrenadineError(
    'foreign-listener',
    `the application ${listens ? 'listens on' : 'has bound'} ${address}, ${what}: ${foreignAdvice(foreign)}`,
  );
}

/** Every required field of unix_sk_entry; ns_id stays, since CRIU keys network namespaces by it. */
function unixFromInet(socket: Message, flags: number): Message {
  const namespace = getUint(socket, inetSk.ns_id);
  return [
    uintField(unixSk.id, required(getUint(socket, inetSk.id), 'isk.id')),
    uintField(unixSk.ino, required(getUint(socket, inetSk.ino), 'isk.ino')),
    uintField(unixSk.type, SOCK_STREAM),
    uintField(unixSk.state, TCP_LISTEN),
    uintField(unixSk.flags, flags),
    uintField(unixSk.uflags, 0),
    uintField(unixSk.backlog, required(getUint(socket, inetSk.backlog), 'isk.backlog')),
    uintField(unixSk.peer, 0),
    bytesField(unixSk.fown, required(getBytes(socket, inetSk.fown), 'isk.fown')),
    bytesField(unixSk.opts, required(getBytes(socket, inetSk.opts), 'isk.opts')),
    bytesField(unixSk.name, new Uint8Array()),
    ...(namespace === undefined ? [] : [uintField(unixSk.ns_id, namespace)]),
  ];
}

/** Other UNIX sockets, listening or not, are CRIU's to make again. */
function transplantUnix(entry: Message, socket: Message, passed: readonly PassedListener[]): EditedEntry {
  const own = ownListener(getUint(socket, unixSk.ino), passed);
  if (own === undefined) return { entry };
  if (getUint(socket, unixSk.state) !== TCP_LISTEN) {
    throw new GrenadineError('listener-shut', `the application shut down the passed socket ${own.index}`);
  }
  const name = getBytes(socket, unixSk.name) ?? new Uint8Array();
  const address = new TextDecoder().decode(name).replace(/^\0/, '@').replace(/\0.*$/s, '');
  const nameless = removeFields(socket, unixSk.file_perms, unixSk.name_dir, unixSk.deleted, unixSk.mnt_id);
  return {
    entry: setMessage(
      entry,
      fileEntry.usk,
      setUint(setBytes(nameless, unixSk.name, new Uint8Array()), unixSk.peer, 0),
    ),
    listener: {
      ...own,
      family: 'unix',
      address,
      backlog: required(getUint(socket, unixSk.backlog), 'usk.backlog'),
      nonblock: (required(getUint(socket, unixSk.flags), 'usk.flags') & O_NONBLOCK) !== 0,
      v6only: undefined,
      options: socketOptions(getMessage(socket, unixSk.opts), `the listener on ${address}`),
    },
  };
}

/** A descriptor finds its file by type and id (criu/files.c, collect_fd), so every fdinfo must follow. */
function retype(image: ImageFile, moved: ReadonlySet<number>): ImageFile {
  const entries = image.entries.map((entry) =>
    moved.has(getUint(entry, fdinfoEntry.id) ?? -1) && getUint(entry, fdinfoEntry.type) === fdType.INETSK
      ? setUint(entry, fdinfoEntry.type, fdType.UNIXSK)
      : entry,
  );
  return { ...image, entries };
}

function ownListener(
  inode: number | undefined,
  passed: readonly PassedListener[],
): PassedListener | undefined {
  return passed.find((listener) => listener.inode === inode);
}

function fileId(entry: Message): number {
  return required(getUint(entry, fileEntry.id), 'file_entry.id');
}

function required<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined)
    throw new GrenadineError('image-incomplete', `files.img has a record without '${field}'`);
  return value;
}
