// The processes of an application, read from /proc: what is dumped, and whether it has its full number.
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** gunicorn, for one, forks its workers up to 100 ms apart. */
const restMs = 150;
const patienceMs = 2000;

/** Init has other children than the application, which is PID 2 (grenadine-launch(8)): they are not dumped. */
export async function treeBelow(init: number): Promise<readonly number[]> {
  const children = await childrenOf(init);
  const statuses = await Promise.all(
    children.map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')),
  );
  const application = children.find((_, at) => /^NSpid:.*\s2$/m.test(statuses[at] ?? ''));
  return application === undefined ? [] : [application, ...(await descendants(application))];
}

async function descendants(pid: number): Promise<readonly number[]> {
  const children = await childrenOf(pid);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const texts = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
}

/**
 * Resolves when a master has as many workers as it had a moment before: the first request may be answered before it has
 * forked the last one, which would be missing in the snapshot. At once where the application is one process; after two
 * seconds whatever it does.
 */
export async function treeAtRest(init: number): Promise<void> {
  let tree = await treeBelow(init);
  for (let waitedMs = 0; tree.length > 1 && waitedMs < patienceMs; waitedMs += restMs) {
    await sleep(restMs);
    const now = await treeBelow(init);
    if (now.length === tree.length && now.every((pid) => tree.includes(pid))) return;
    tree = now;
  }
}
