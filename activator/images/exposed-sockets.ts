// Named UNIX sockets that CRIU would remove, bind or connect to by their paths, as root: refused where somebody but root
// may put a link on the way. Pure.

import { GrenadineError } from '../../generator/config/error.js';
import type { ImageFile } from './image-file.js';
import { fileEntry, unixSk } from './schema.js';
import {
  getBytes,
  getMessage,
  getText,
  getUint,
  removeFields,
  setBytes,
  setMessage,
  type Message,
} from './wire.js';

const SOCK_DGRAM = 2;
const TCP_ESTABLISHED = 1;

/** For findExposed(). */
export function socketPathsOf(files: ImageFile): readonly string[] {
  return files.entries.flatMap((entry) => socketPath(entry) ?? []);
}

/**
 * A connection has the name of the listener that it came to, and CRIU binds it to nothing, but removes what lies there:
 * it loses the name. All else is refused with `socket-exposed`.
 */
export function guardSockets(files: ImageFile, exposed: ReadonlyMap<string, unknown>): ImageFile {
  const entries = files.entries.map((entry) => {
    const path = socketPath(entry);
    const socket = getMessage(entry, fileEntry.usk);
    if (path === undefined || socket === undefined || !exposed.has(path)) return entry;
    if (!isConnection(socket))
      throw new GrenadineError(
        'socket-exposed',
        `the application holds the UNIX socket ${path}, in a directory where others than root may replace it, and CRIU would bind it as root; have systemd hold it (ListenStream=), or have it in a directory that is root's`,
      );
    const nameless = removeFields(socket, unixSk.file_perms, unixSk.name_dir, unixSk.deleted, unixSk.mnt_id);
    return setMessage(entry, fileEntry.usk, setBytes(nameless, unixSk.name, new Uint8Array()));
  });
  return { ...files, entries };
}

function isConnection(socket: Message): boolean {
  return getUint(socket, unixSk.type) !== SOCK_DGRAM && getUint(socket, unixSk.state) === TCP_ESTABLISHED;
}

/** undefined: no UNIX socket, or one whose name is no path. */
function socketPath(entry: Message): string | undefined {
  const socket = getMessage(entry, fileEntry.usk);
  const name = socket === undefined ? undefined : getBytes(socket, unixSk.name);
  if (socket === undefined || name === undefined || name.length === 0 || name[0] === 0) return undefined;
  const text = new TextDecoder().decode(name).replace(/\0.*$/s, '');
  return text.startsWith('/') ? text : `${getText(socket, unixSk.name_dir) ?? ''}/${text}`;
}
