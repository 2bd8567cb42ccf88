/** Who descends from a process of ours, by proc_pid_task_tid_children(5). */
import { readFile } from 'node:fs/promises';

/** The children of a single-threaded process; none when it is gone. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
