// The launcher's log relay: no byte is lost, and nobody waits for a reader that is gone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openPrivateHost, skip, type PrivateHost } from './launcher/private-host.js';

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

describe('the output', { skip }, () => {
  let host: PrivateHost;
  before(async () => {
    host = await openPrivateHost({ hasCriu: false });
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

  test('goes on after the application closed one of its streams', async () => {
    const script = 'exec 1>&-; echo still here >&2';
    assert.match((await host.start(['--', '/bin/sh', '-c', script]).ended).err, /^still here$/m);
  });
});
