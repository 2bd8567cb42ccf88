// The launcher's log relay: no byte is lost, and nobody waits for a reader that is gone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compile, openPrivateHost, skip, type PrivateHost } from './launcher/private-host.js';
import { until } from './launcher/switching.js';

const megabytes = 8;

/** Writes numbered lines, more than pipe and buffer hold, to both streams, and ends at once. */
const talkative = `
const line = (name, at) => name + ' ' + String(at).padStart(1000, '.') + '\\n';
for (let at = 0; at < ${megabytes} * 1000; at++) {
  require('node:fs').writeSync(1, line('out', at));
  require('node:fs').writeSync(2, line('err', at));
}
process.exit(4);`;

const expected = (name: string): string =>
  Array.from({ length: megabytes * 1000 }, (_, at) => `${name} ${String(at).padStart(1000, '.')}\n`).join('');

const digest = (content: string): string => createHash('sha256').update(content).digest('hex');

async function onlyChild(pid: number): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  assert.equal(children.length, 1);
  return Number(children[0]);
}

describe('the output', { skip }, () => {
  let host: PrivateHost;
  before(async () => {
    host = await openPrivateHost({ hasCriu: false });
    await compile('flood.c', join(host.directory, 'flood'));
  });
  after(() => host.close());

  test('arrives whole and in order on both streams, also what came right before the end', async () => {
    const { status, out, err } = await host.start(['--', process.execPath, '-e', talkative]).ended;
    assert.equal(status, 4);
    assert.equal(digest(out), digest(expected('out')));
    // The launcher’s own lines stand between those of the application.
    const own = err.split('\n').filter((line) => line.startsWith('<'));
    assert.equal(own.length, 1);
    assert.equal(digest(err.replace(`${own[0] ?? ''}\n`, '')), digest(expected('err')));
  });

  test('arrives without a newline at its end', async () => {
    assert.equal((await host.start(['--', 'printf', 'no newline']).ended).out, 'no newline');
  });

  test('arrives from a process that outlived the application’s first', async () => {
    const script = '(trap "" HUP; echo late) & wait; echo last';
    assert.equal((await host.start(['--', '/bin/sh', '-c', script]).ended).out, 'late\nlast\n');
  });

  test('of nobody’s interest does not hold the application up', async () => {
    const launcher = host.start(['--', process.execPath, '-e', talkative]);
    launcher.process.stdout?.destroy();
    launcher.process.stderr?.destroy();
    assert.equal((await launcher.ended).status, 4);
  });

  test('of who is left outside is not waited for', { timeout: 20_000 }, async (t) => {
    const script = 'trap "exit 3" TERM; echo ready; while :; do sleep 0.01; done';
    const launcher = host.start(['--', '/bin/sh', '-c', script]);
    await launcher.saw('ready');
    // As if the application had passed its end of the pipe on over a socket.
    const application = await onlyChild(await onlyChild(launcher.process.pid ?? 0));
    const outsider = spawn(join(host.directory, 'flood'), [`/proc/${application}/fd/1`]);
    t.after(() => outsider.kill());
    const outsiderEnded = once(outsider, 'exit');
    await launcher.saw('y');
    // From here on the outsider is the faster one.
    launcher.process.stdout?.pause();
    launcher.process.kill('SIGTERM');
    await until(async () => !(await readdir('/proc')).includes(`${application}`));
    launcher.process.stdout?.resume();
    assert.equal((await launcher.ended).status, 3);
    assert.deepEqual(await outsiderEnded, [null, 'SIGPIPE']);
  });

  test('goes on after the application closed one of its streams', async () => {
    const script = 'exec 1>&-; echo still here >&2';
    assert.match((await host.start(['--', '/bin/sh', '-c', script]).ended).err, /^still here$/m);
  });
});
