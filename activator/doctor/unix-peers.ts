// Which UNIX connections of a process tree lead out of it. Looks before the dump: one that CRIU refuses leaves no images.
// ss(8) tells who is connected to whom, which the kernel tells by netlink alone; without it nothing is told.

import { readdir, readlink } from 'node:fs/promises';
import { treeBelow } from '../bake/process-tree.js';
import { runCommand } from '../run-command.js';

export interface OutsideConnection {
  readonly peer: string;
  readonly isDatagram: boolean;
  /** Connected sockets to it. */
  readonly count: number;
}

/** `init` is PID 1 of the application's namespace, as the host numbers it. */
export async function findOutsideConnections(init: number): Promise<readonly OutsideConnection[]> {
  const inodes = new Set((await Promise.all((await treeBelow(init)).map(socketsOf))).flat());
  const told = await runCommand(['/usr/bin/ss', '-xanH'], { timeoutMs: 5000 }).catch(() => undefined);
  return told === undefined ? [] : outsideConnections(told.stdout, inodes);
}

interface Socket {
  readonly isDatagram: boolean;
  readonly name: string;
  readonly peerName: string;
  readonly peer: number;
}

/** `text` as ss -xanH writes it: NETID STATE RECV-Q SEND-Q NAME INODE PEER-NAME PEER-INODE; '*' is no name. */
export function outsideConnections(text: string, inodes: ReadonlySet<number>): readonly OutsideConnection[] {
  const sockets = new Map(
    text.split('\n').flatMap((line) => {
      const found = /^u_(\S+)\s+\S+\s+\d+\s+\d+\s+(.+?)\s+(\d+)\s+(.+?)\s+(\d+)\s*$/.exec(line);
      if (found === null) return [];
      const [, kind, name = '*', inode, peerName = '*', peer] = found;
      return [[Number(inode), { isDatagram: kind === 'dgr', name, peerName, peer: Number(peer) }] as const];
    }),
  );
  const found = new Map<string, OutsideConnection>();
  for (const inode of inodes) {
    const socket = sockets.get(inode);
    if (socket === undefined || socket.peer === 0 || inodes.has(socket.peer)) continue;
    const peer = nameOf(socket, sockets);
    const { isDatagram } = socket;
    const key = `${isDatagram ? 'datagrams' : 'stream'} ${peer}`;
    found.set(key, { peer, isDatagram, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

function nameOf(socket: Socket, sockets: ReadonlyMap<number, Socket>): string {
  const names = [socket.peerName, sockets.get(socket.peer)?.name ?? '*'];
  return names.find((name) => name !== '*') ?? 'a socket without a name';
}

async function socketsOf(pid: number): Promise<readonly number[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  return links.flatMap((link) => {
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    return inode === undefined ? [] : [Number(inode)];
  });
}
