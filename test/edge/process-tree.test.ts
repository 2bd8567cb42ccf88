// The tree of a real init's application: when it is at rest.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { treeAtRest, treeBelow } from '../../activator/bake/process-tree.js';

describe('the processes of an application', () => {
  let init: ChildProcess;
  afterEach(() => init.kill('SIGKILL'));

  /** PID 1 of a namespace of its own, whose first child is the application: it runs `script`. */
  async function start(script: string): Promise<number> {
    const shell = ['bash', '-c', 'bash -c "$0" & wait', script];
    init = spawn('unshare', ['--pid', '--fork', '--kill-child', ...shell], { stdio: 'ignore' });
    for (;;) {
      await sleep(10);
      const [inside] = await childOf(init.pid ?? 0);
      if (inside !== undefined && (await treeBelow(inside)).length > 0) return inside;
    }
  }

  test('are waited for while a master forks', async () => {
    const inside = await start('for worker in 1 2 3; do sleep 60 & sleep 0.1; done; wait');
    await treeAtRest(inside);
    assert.equal((await treeBelow(inside)).length, 4);
  });

  test('are not waited for where there is one, nor for ever', async () => {
    const startedMs = performance.now();
    await treeAtRest(await start('exec sleep 60'));
    assert.ok(performance.now() - startedMs < 1500);
    init.kill('SIGKILL');
    await treeAtRest(await start('while :; do sleep 0.05; done'));
  });
});

async function childOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
