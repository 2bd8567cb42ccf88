/** Reads /proc: who is whose child, in which namespaces, as whom. It starts and signals nothing. */
import { readFile, readlink } from 'node:fs/promises';

export interface ProcessView {
  readonly pid: number;
  /** The PID in every namespace from ours inwards; the last one is what the process itself sees. */
  readonly pids: readonly number[];
  readonly parent: number;
  readonly name: string;
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly pidNamespace: string;
  readonly mountNamespace: string;
}

export async function viewProcess(pid: number): Promise<ProcessView> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): string => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1] ?? '';
  const numbers = (name: string): readonly number[] =>
    field(name)
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
  return {
    pid,
    pids: numbers('NSpid'),
    parent: Number(field('PPid')),
    name: field('Name'),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    pidNamespace: await readlink(`/proc/${pid}/ns/pid`),
    mountNamespace: await readlink(`/proc/${pid}/ns/mnt`),
  };
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** The only child; throws when there are none or several. */
export async function onlyChild(pid: number): Promise<number> {
  const [child, ...others] = await childrenOf(pid);
  if (child !== undefined && others.length === 0) return child;
  throw new Error(`process ${pid} has ${child === undefined ? 'no child' : 'several children'}`);
}
