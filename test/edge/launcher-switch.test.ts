// A switch: the next generation comes up beside the one that runs, on the same sockets, with a stand-in for criu.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { planFor } from './launcher/plan-text.js';
import {
  ask,
  openPrivateHost,
  skip,
  type Launcher,
  type PrivateHost,
  type Snapshot,
} from './launcher/private-host.js';
import { program, switchAs, switchLine, until } from './launcher/switching.js';

const first = 'aaaaaaaaaaaa';
const second = 'bbbbbbbbbbbb';
const cold = ['--', '/bin/sh', '-c', 'echo booted cold; exit 5'];

let host: PrivateHost;
let launcher: Launcher;

const add = async (
  id: string,
  script: string,
  what: Snapshot['what'] = 'succeed',
  changes: Parameters<typeof planFor>[2] = {},
): Promise<void> => {
  await host.addSnapshot({ id, what, plan: await planFor(host, id, changes), script });
};
const request = (line: string): Promise<string> => ask(host, 'web', line);

/** Starts a launcher that restores the current snapshot, `first` in these tests. */
const start = async (): Promise<Launcher> => {
  const started = host.start(cold);
  await started.saw('first is up');
  await until(async () => (await request('state')) !== '');
  return started;
};
const outcome = async (): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(await host.outcome());
const initOf = (state: string): number => Number(/ init=(\d+)/.exec(state)?.[1]);
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};
/** A switch whose criu has begun; settles as the switch does. */
const beginSwitch = async (): Promise<{ readonly reply: Promise<string> }> => {
  const reply = request(switchLine);
  const words = join(host.directory, 'run/work/web/arguments');
  await until(async () => (await readFile(words, 'utf8')).includes(second));
  return { reply };
};
/** As systemd stops a unit whose KillSignal= this is. */
const stopBy = (signal: NodeJS.Signals): void => {
  launcher.process.kill(signal);
  launcher.process.kill('SIGCONT');
};
const makeFifo = (path: string): Promise<unknown> => promisify(execFile)('mkfifo', [path]);
/** Blocks until the other end reads. */
const writeTo = async (path: string): Promise<void> => {
  const fifo = await open(path, 'w');
  await fifo.write('go\n');
  await fifo.close();
};

describe('a switch', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());
  beforeEach(() => add(first, program('first', 3)));
  afterEach(async () => {
    launcher.process.kill('SIGKILL');
    await launcher.ended;
    await rm(join(host.directory, 'state/web'), { recursive: true, force: true });
    await rm(join(host.directory, 'go'), { force: true });
  });

  test('gives the new generation another seed than the old one has', async () => {
    const seeded = (name: string): string => `cat /run/grenadine/seed/seed; ${program(name, 3)}`;
    await add(first, seeded('first'), 'succeed', { hasSeed: true });
    launcher = await start();
    await add(second, seeded('second'), 'succeed', { hasSeed: true });
    assert.match(await request(switchLine), /^ok /);
    await launcher.saw('second is up');
    launcher.process.kill('SIGTERM');
    const seeds = [...(await launcher.ended).out.matchAll(/^seed=([0-9a-f]{64})$/gm)].map(([, seed]) => seed);
    assert.equal(seeds.length, 2);
    assert.notEqual(seeds[0], seeds[1]);
  });

  test('brings the new snapshot up, then stops the old one, under the same main process', async () => {
    launcher = await start();
    const before = await request('state');
    await add(second, program('second', 4));
    assert.match(await request(switchLine), /^ok ms=\d+ snapshot=bbbbbbbbbbbb$/);
    await launcher.saw('second is up');
    await launcher.saw('first stops');
    const state = await request('state');
    assert.match(state, /^ok how=restored init=\d+ pid=2 stdout=\d+ stderr=\d+ listener=/);
    assert.notEqual(initOf(state), initOf(before));
    await until(() => Promise.resolve(isGone(initOf(before))));
    assert.equal(launcher.process.exitCode, null);
  });

  test('is told in the outcome', async () => {
    launcher = await start();
    assert.equal((await outcome())['switched'], undefined);
    await add(second, program('second', 4));
    await request(switchLine);
    const said = await outcome();
    assert.deepEqual(
      [said['how'], said['snapshot'], said['switched'], said['answer']],
      ['restored', second, 'yes', 'plan'],
    );
  });

  test('gives signals and the exit status to the new generation', async () => {
    launcher = await start();
    await add(second, program('second', 4));
    await request(switchLine);
    await launcher.saw('second is up');
    assert.equal(await request('kill USR1'), 'ok');
    await launcher.saw('second is here');
    launcher.process.kill('SIGTERM');
    assert.equal((await launcher.ended).status, 4);
  });

  test('may be to the snapshot that serves, and be repeated', async () => {
    launcher = await start();
    for (let round = 0; round < 5; round++)
      assert.match(await request(switchLine), /^ok ms=\d+ snapshot=aaaaaaaaaaaa$/);
    assert.equal(launcher.process.exitCode, null);
  });

  test('loses nothing of what the old generation still writes', async () => {
    const lines = 20_000;
    await add(first, program('first', 3, `seq -f "line %05g" ${lines}; `));
    launcher = await start();
    await add(second, program('second', 4));
    await request(switchLine);
    await launcher.saw('first stops');
    await launcher.saw('second is up');
    launcher.process.kill('SIGTERM');
    const { out } = await launcher.ended;
    assert.equal(out.match(/^line \d{5}$/gm)?.length, lines);
  });

  test('goes on while nobody reads what the old generation has left', { timeout: 20_000 }, async (t) => {
    // Else a failure here would not end.
    t.after(() => launcher.process.stdout?.resume());
    await add(first, program('first', 3, 'seq 1000000; '));
    launcher = await start();
    const old = initOf(await request('state'));
    launcher.process.stdout?.pause();
    await add(second, program('second', 4));
    await request(switchAs({ timeoutUs: '100000' }));
    await until(async () => /^State:\tZ/m.test(await readFile(`/proc/${old}/status`, 'utf8')));
    assert.notEqual(initOf(await request('state')), old);
    launcher.process.stdout?.resume();
    // What it had left was told, and so is what the new one says.
    await until(async () => !(await readdir('/proc')).includes(`${old}`));
    launcher.process.kill('SIGTERM');
    const { status, out } = await launcher.ended;
    assert.equal(status, 4);
    assert.match(out, /second is up$/m);
  });

  test('waits for the old generation no longer than it is told', async () => {
    await add(first, `trap '' TERM; echo first is up; while :; do sleep 1000 & wait; done`);
    launcher = await start();
    const old = initOf(await request('state'));
    await add(second, program('second', 4));
    const began = performance.now();
    await request(switchAs({ timeoutUs: '1000000' }));
    assert.equal(isGone(old), false);
    await until(() => Promise.resolve(isGone(old)));
    assert.ok(performance.now() - began > 900);
    assert.match(await request('state'), /^ok how=restored /);
  });

  test('that fails leaves the old generation and its listeners as they were', async () => {
    launcher = await start();
    const before = await request('state');
    const blocking = [{ index: 0, inode: 1, nonblock: false, backlog: 3, options: [] }];
    await add(second, '', 'fail', { listeners: blocking });
    assert.match(
      await request(switchLine),
      /^error switch-failed restore-failed: failed to restore with criu: .*told to fail/,
    );
    assert.equal(await request('state'), before);
    await request('kill USR1');
    await launcher.saw('first is here');
    launcher.process.kill('SIGTERM');
    const { status, out } = await launcher.ended;
    assert.equal(status, 3);
    const flags = /flags:\t0?([0-7]+)/.exec(out)?.[1];
    assert.equal(Number.parseInt(flags ?? '', 8) & 0o4000, 0o4000);
    assert.equal((await outcome())['snapshot'], first);
  });

  test('that finds no snapshot fails', async () => {
    launcher = await start();
    await rm(join(host.directory, 'state/web/current'));
    assert.match(await request(switchLine), /^error switch-failed no-snapshot: /);
    assert.match(await request('state'), /^ok how=restored /);
  });

  test('that finds a snapshot of another configuration fails', async () => {
    launcher = await start();
    await add(second, '', 'succeed', { configuration: 'ffffffffffffffff' });
    assert.match(await request(switchLine), /^error switch-failed snapshot-stale: configuration: /);
  });

  test('follows a configuration that changed since the start', async () => {
    launcher = await start();
    const ofConfiguration = 'ffffffffffffffff';
    await add(second, program('second', 4), 'succeed', { configuration: ofConfiguration });
    assert.match(await request(switchAs({ ofConfiguration })), /^ok ms=\d+ snapshot=bbbbbbbbbbbb$/);
    await launcher.saw('second is up');
  });

  test('does not follow sockets that changed since the start, and says what does', async () => {
    launcher = await start();
    await add(second, program('second', 4));
    assert.match(
      await request(switchAs({ ofSockets: 'ffffffffffffffff' })),
      /^error switch-failed sockets-changed: ListenStream= has changed .* systemctl restart web.socket web.service$/,
    );
    assert.match(await request('state'), /^ok how=restored /);
  });

  test('stops the old generation by the signal it is told', async () => {
    launcher = await start();
    await add(second, program('second', 4));
    const old = initOf(await request('state'));
    await request(switchAs({ signal: 'USR1', timeoutUs: '18446744073709551615' }));
    await launcher.saw('first is here');
    assert.equal(isGone(old), false);
    await launcher.saw('second is up');
  });

  test('serves the old generation meanwhile, and bears no other switch and no dump', async () => {
    launcher = await start();
    await add(second, '', 'hang', { deadlineMs: 1500 });
    const { reply } = await beginSwitch();
    assert.match(await request(switchLine), /^error bad-request a switch is under way$/);
    assert.match(await request('dump /x kill 1'), /^error bad-request a switch is under way$/);
    assert.match(await request('state'), /^ok how=restored /);
    launcher.process.kill('SIGUSR1');
    await launcher.saw('first is here');
    assert.match(await reply, /^error switch-failed restore-timeout: /);
    assert.match(await request('state'), /^ok how=restored /);
  });

  test('goes on when the old generation ends by itself', async () => {
    launcher = await start();
    await add(second, program('second', 4), 'wait');
    const go = join(host.directory, 'state/web/snapshots', second, 'criu/go');
    await makeFifo(go);
    const { reply } = await beginSwitch();
    await request('kill USR2');
    await until(async () => (await request('state')).startsWith('ok how=none'));
    await writeTo(go);
    assert.match(await reply, /^ok ms=\d+ snapshot=bbbbbbbbbbbb$/);
    await launcher.saw('second is up');
    launcher.process.kill('SIGTERM');
    assert.equal((await launcher.ended).status, 4);
  });

  test('that fails after the old generation ended ends the service as that did', async () => {
    launcher = await start();
    await add(second, '', 'hang', { deadlineMs: 500 });
    const { reply } = await beginSwitch();
    await request('kill USR2');
    assert.match(await reply, /^error switch-failed restore-timeout: /);
    assert.equal((await launcher.ended).status, 3);
  });

  test('is given up when the service is stopped', async () => {
    launcher = await start();
    await add(second, '', 'hang');
    const { reply } = await beginSwitch();
    launcher.process.kill('SIGTERM');
    assert.match(await reply, /^error switch-failed stopping: /);
    assert.equal((await launcher.ended).status, 3);
  });

  test('the end of the new generation is the end of the service, whatever the old one does', async () => {
    await add(first, `trap '' TERM; echo first is up; while :; do sleep 1000 & wait; done`);
    launcher = await start();
    await add(second, program('second', 4));
    await request(switchLine);
    await launcher.saw('second is up');
    await request('kill USR2');
    assert.equal((await launcher.ended).status, 4);
  });

  for (const signal of ['SIGTERM', 'SIGQUIT', 'SIGWINCH'] as const)
    test(`a stop by ${signal} lets a generation that was replaced finish`, async () => {
      const go = join(host.directory, 'go');
      await makeFifo(go);
      await add(first, program('first', 3, `echo first finishes; read line < ${go}; echo first has $line; `));
      launcher = await start();
      await add(second, program('second', 4));
      await request(switchAs({ signal }));
      await launcher.saw('first finishes');
      await launcher.saw('second is up');
      stopBy(signal);
      await launcher.saw('second stops');
      await until(async () => (await request('state')).startsWith('ok how=none'));
      await writeTo(go);
      await launcher.saw('first has go');
      assert.equal((await launcher.ended).status, 4);
    });

  test('is given up when the service is stopped by a signal of its own', async () => {
    launcher = await start();
    await add(second, '', 'hang');
    const { reply } = await beginSwitch();
    stopBy('SIGWINCH');
    assert.match(await reply, /^error switch-failed stopping: /);
    assert.equal((await launcher.ended).status, 3);
  });

  test('is possible after a signal that is none of a stop', async () => {
    await add(first, `trap 'echo first is asked' QUIT\n${program('first', 3).replace(' QUIT ', ' ')}`);
    launcher = await start();
    launcher.process.kill('SIGQUIT');
    await launcher.saw('first is asked');
    await add(second, program('second', 4));
    assert.match(await request(switchLine), /^ok /);
  });

  test('from a cold boot to a snapshot works the same', async () => {
    await rm(join(host.directory, 'state/web'), { recursive: true });
    launcher = host.start(['--', '/bin/sh', '-c', program('first', 3)]);
    await launcher.saw('first is up');
    await until(async () => (await request('state')) !== '');
    await add(second, program('second', 4));
    assert.match(await request(switchLine), /^ok /);
    await launcher.saw('first stops');
    assert.match(await request('state'), /^ok how=restored /);
  });

  test('--reload asks for it and ends with 0, or with 1 and the reason', async () => {
    launcher = await start();
    await add(second, program('second', 4));
    assert.equal((await host.reload().ended).status, 0);
    assert.equal((await outcome())['snapshot'], second);
    await add(first, '', 'fail');
    const { status, err } = await host.reload().ended;
    assert.equal(status, 1);
    assert.match(err, /^<3>Failed to switch: restore-failed: .*told to fail/);
    launcher.process.kill('SIGTERM');
    await launcher.ended;
    assert.equal((await host.reload().ended).status, 1);
  });

  test('--reload ends when the old generation has', async () => {
    const end = join(host.directory, 'end');
    await makeFifo(end);
    await add(first, program('first', 3, `read line <${end}; `));
    launcher = await start();
    const old = initOf(await request('state'));
    await add(second, program('second', 4));
    const reload = host.reload();
    await until(async () => (await outcome())['snapshot'] === second);
    assert.equal(isGone(old), false);
    const settled = request('settle');
    await writeTo(end);
    assert.equal(await settled, 'ok');
    assert.equal((await reload.ended).status, 0);
    assert.ok(isGone(old));
    assert.equal(await request('settle'), 'ok');
  });

  test('--reload does not wait for ever for the old generation', async () => {
    await add(first, `trap '' TERM; echo first is up; while :; do sleep 1000 & wait; done`);
    launcher = await start();
    const old = initOf(await request('state'));
    await add(second, program('second', 4));
    const began = performance.now();
    assert.equal((await host.reload().ended).status, 0);
    assert.ok(performance.now() - began > 9000);
    assert.equal(isGone(old), false);
    assert.match(await request('state'), /^ok how=restored /);
  });

  for (const line of [
    'switch',
    switchAs({ ofConfiguration: 'f' }),
    switchAs({ ofSockets: 'FFFFFFFFFFFFFFFF' }),
    switchAs({ signal: '65' }),
    switchAs({ timeoutUs: '-1' }),
    switchAs({ timeoutUs: '99999999999999999999' }),
    `${switchLine} more`,
  ])
    test(`'${line}' is no request`, async () => {
      launcher = await start();
      assert.match(await request(line), /^error bad-request it is not a request/);
    });
});
