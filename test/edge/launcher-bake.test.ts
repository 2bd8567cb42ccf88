// The launcher as a workbench: its control socket, scratch listeners, boot, dump and proof, with a stand-in for criu.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { encodeWords } from '../../generator/config/command-words.js';
import { planFor } from './launcher/plan-text.js';
import {
  ask,
  openPrivateHost,
  readAll,
  skip,
  type Launcher,
  type PrivateHost,
} from './launcher/private-host.js';

const addresses = ['--listener=8080', '--listener=0.0.0.0:80', '--listener=/run/web.sock'];
const id = 'cccccccccccc';

describe('a workbench', { skip }, () => {
  let host: PrivateHost;
  let workbench: Launcher;
  let draft: string;

  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());
  beforeEach(async () => {
    const application = 'echo booted with $LISTEN_FDS as $LISTEN_FDNAMES; exec sleep 1000';
    workbench = await openWorkbench(['/bin/sh', '-c', application]);
    draft = `/var/lib/grenadine/web/snapshots/${id}`;
    const plan = await planFor(host, id, { listeners: [] });
    await host.addSnapshot({ id, what: 'succeed', plan, script: 'echo proved; exec sleep 1000' });
  });
  afterEach(async () => {
    workbench.process.kill('SIGTERM');
    await workbench.ended;
    await rm(join(host.directory, 'state/web'), { recursive: true, force: true });
  });

  /** systemd would say when it is ready; here its first answer does. */
  const openWorkbench = async (
    command: readonly string[],
    ...options: readonly string[]
  ): Promise<Launcher> => {
    const launcher = host.startBake([...addresses, ...options, '--', ...command]);
    const deadline = AbortSignal.timeout(10_000);
    for (;;) {
      deadline.throwIfAborted();
      const answer = await ask(host, 'web-bake', 'state').catch(() => '');
      if (answer !== '') return launcher;
    }
  };
  const request = (line: string): Promise<string> => ask(host, 'web-bake', line);

  test('boots nothing until it is told', async () => {
    assert.match(await request('state'), /^ok how=none listener=/);
  });

  test('boots the command with as many listeners, named as those of the service', async () => {
    assert.match(await request('boot'), /^ok ms=\d+$/);
    await workbench.saw('booted with 3 as web.socket:web.socket:web.socket');
    assert.match(await request('state'), /^ok how=bake init=\d+ pid=2 stdout=\d+ stderr=\d+ listener=/);
  });

  test('listens on scratch addresses of the families that systemd would use', async () => {
    const listeners = (await request('state')).split(' ').filter((word) => word.startsWith('listener='));
    const scratch = listeners.map((word) =>
      word.replace(/^listener=(\d),\d+,/, '$1 ').replace(/:\d+$/, ':N'),
    );
    assert.deepEqual(scratch, ['0 [::1]:N', '1 127.0.0.1:N', '2 /run/grenadine/scratch/web-bake/2.sock']);
  });

  test('passes the scratch listeners on', async () => {
    workbench.process.kill('SIGTERM');
    await workbench.ended;
    const program = `require('node:net').createServer((c) => c.end('hello')).listen({ fd: 5 }, () => console.log('listening'));`;
    workbench = await openWorkbench([process.execPath, '-e', program]);
    await request('boot');
    await workbench.saw('listening');
    assert.equal(await readAll(join(host.directory, 'run/scratch/web-bake/2.sock')), 'hello');
  });

  test('dumps the application away and stays', async () => {
    await request('boot');
    const images = join(host.directory, 'run/images');
    await mkdir(images);
    assert.match(await request('dump /run/grenadine/images kill 1048576'), /^ok ms=\d+$/);
    await stat(join(images, 'core-2.img'));
    await rm(images, { recursive: true });
    assert.match(await request('state'), /^ok how=none /);
  });

  test('dumps the application and leaves it running', async () => {
    await request('boot');
    await mkdir(join(host.directory, 'run/images'));
    assert.match(await request('dump /run/grenadine/images leave-running 1048576'), /^ok ms=\d+$/);
    await rm(join(host.directory, 'run/images'), { recursive: true });
    assert.match(await request('state'), /^ok how=bake /);
  });

  test('a dump that fails is answered with its code, and the application goes on', async () => {
    await request('boot');
    assert.match(await request('dump /none kill 1'), /^error dump-failed /);
    assert.match(await request('state'), /^ok how=bake /);
  });

  test('runs a command in the directory of the application and among its processes', async () => {
    await request('boot');
    const script = 'echo ran "$1" in $PWD beside $(cat /proc/2/comm) with ${LISTEN_FDS-none}';
    const command = encodeWords(['/bin/sh', '-c', script, '', 'a%  b']);
    assert.match(await request(`run ${command}`), /^ok ms=\d+$/);
    await workbench.saw('ran a%  b in / beside sleep with none');
  });

  test('runs no command as root because the application has executed a set-user-ID program', async () => {
    const program = join(host.directory, 'sleep');
    await copyFile('/bin/sleep', program);
    await chmod(program, 0o4755);
    await chmod(host.directory, 0o711);
    workbench.process.kill('SIGTERM');
    await workbench.ended;
    workbench = await openWorkbench([program, '1000'], '--user=nobody');
    await request('boot');
    // The first half is that the program is one: else this would prove nothing.
    const script = String.raw`grep -qP 'Uid:\t65534\t0\t' /proc/2/status && [ "$(id -u)" = 65534 ]`;
    assert.match(await request(`run ${encodeWords(['/bin/sh', '-c', script])}`), /^ok ms=/);
  });

  for (const [what, script, text] of [
    ['that fails', 'exit 3', /^error command-failed '\/bin\/sh' ended with status 3$/],
    ['that dies', 'kill -SEGV $$', /^error command-failed '\/bin\/sh' was ended by SIGSEGV$/],
  ] as const)
    test(`a command ${what} is answered so, and the application goes on`, async () => {
      await request('boot');
      assert.match(await request(`run ${encodeWords(['/bin/sh', '-c', script])}`), text);
      assert.match(await request('state'), /^ok how=bake /);
    });

  test('a command that is not there is answered so', async () => {
    await request('boot');
    assert.match(
      await request('run /none a'),
      /^error command-failed '\/none': failed to execute the command: No such file/,
    );
  });

  test('what a command leaves behind is killed, and keeps nobody from a dump', async () => {
    await request('boot');
    assert.match(await request(`run ${encodeWords(['/bin/sh', '-c', 'sleep 1000 & exit 0'])}`), /^ok ms=/);
    await mkdir(join(host.directory, 'run/images'));
    assert.match(await request('dump /run/grenadine/images leave-running 1048576'), /^ok ms=\d+$/);
    await rm(join(host.directory, 'run/images'), { recursive: true });
  });

  test('runs nothing that is no path, and nothing beside nobody', async () => {
    assert.match(await request('run /bin/true'), /^error bad-request no application runs$/);
    assert.match(await request('run true'), /^error bad-request /);
  });

  test('does not dump an application that a process has strayed from, and names that', async () => {
    workbench.process.kill('SIGTERM');
    await workbench.ended;
    workbench = await openWorkbench(['/bin/sh', '-c', '(setsid sleep 1000 &); echo booted; exec sleep 1000']);
    await request('boot');
    await workbench.saw('booted');
    assert.match(
      await request('dump /none kill 1'),
      /^error stray-process process \d+ \((sh|setsid|sleep)\) has left the tree/,
    );
    assert.match(await request('state'), /^ok how=bake /);
  });

  test('proves a snapshot without having booted one', async () => {
    assert.match(await request(`prove ${draft}`), /^ok ms=\d+$/);
    await workbench.saw('proved');
    assert.match(await request('state'), /^ok how=prove init=\d+ pid=2 /);
  });

  test('a proof that fails is answered with its code, and the next one may succeed', async () => {
    await host.addSnapshot({ id, what: 'fail', plan: await planFor(host, id, { listeners: [] }) });
    assert.match(await request(`prove ${draft}`), /^error restore-failed .*it was told to fail/);
    const plan = await planFor(host, id, { listeners: [] });
    await host.addSnapshot({ id, what: 'succeed', plan, script: 'exec sleep 1000' });
    assert.match(await request(`prove ${draft}`), /^ok /);
  });

  test('a snapshot of another configuration is not proved', async () => {
    const plan = await planFor(host, id, { configuration: 'ffffffffffffffff' });
    await host.addSnapshot({ id, what: 'succeed', plan });
    assert.match(await request(`prove ${draft}`), /^error snapshot-stale configuration: /);
  });

  test('ends as its application, which nobody ended', async () => {
    await request('boot');
    assert.equal(await request('kill KILL'), 'ok');
    assert.equal((await workbench.ended).signal, 'SIGKILL');
  });

  test('ends with status 0 when it is stopped, whatever runs', async () => {
    await request('boot');
    workbench.process.kill('SIGTERM');
    const { status, signal } = await workbench.ended;
    assert.deepEqual([status, signal], [0, null]);
  });

  test('is open to root alone', async () => {
    const { mode } = await stat(join(host.directory, 'run/control/web-bake.sock'));
    assert.equal(mode & 0o777, 0o600);
  });

  for (const line of [
    '',
    'frob',
    'state now',
    'dump relative kill 1',
    'dump /x maybe 1',
    'dump /x kill',
    'kill 0',
    'kill NONE',
    'kill 99',
    'prove',
    'dump /x kill 1',
    'kill TERM',
    'switch',
  ])
    // prettier-ignore
    test(`answers '${line}' with bad-request while nothing runs`, async () => {
      assert.match(await request(line), /^error bad-request /);
    });

  test('refuses a second application', async () => {
    await request('boot');
    assert.match(await request('boot'), /^error bad-request /);
    assert.match(await request(`prove ${draft}`), /^error bad-request /);
  });

  test('answers a command that is not there with boot-failed', async () => {
    workbench.process.kill('SIGTERM');
    await workbench.ended;
    workbench = await openWorkbench(['no-such-command']);
    assert.match(await request('boot'), /^error boot-failed failed to execute the command 'no-such-command'/);
  });
});

describe('a service’s control socket', { skip }, () => {
  let host: PrivateHost;
  before(async () => {
    host = await openPrivateHost({ hasCriu: true });
  });
  after(() => host.close());

  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    const deadline = AbortSignal.timeout(10_000);
    while (!(await isSo().catch(() => false))) deadline.throwIfAborted();
  };
  const words = ['--', '/bin/sh', '-c', "trap 'exit 3' USR1; echo ready; while :; do sleep 0.01; done"];
  const running = async (launcher = host.start(words)): Promise<Launcher> => {
    await launcher.saw('ready');
    const deadline = AbortSignal.timeout(10_000);
    for (;;) {
      deadline.throwIfAborted();
      if ((await ask(host, 'web', 'state').catch(() => '')) !== '') return launcher;
    }
  };

  test('tells the state, forwards a signal, and goes with the application', async () => {
    const launcher = await running();
    assert.match(
      await ask(host, 'web', 'state'),
      /^ok how=cold init=\d+ pid=2 .* listener=1,\d+,\/\S+two\.sock openssl=kept$/,
    );
    assert.equal(await ask(host, 'web', 'kill SIGUSR1'), 'ok');
    assert.equal((await launcher.ended).status, 3);
    await assert.rejects(ask(host, 'web', 'state'), { code: 'ENOENT' });
  });

  test('a dump that ends the application ends the service with status 0', async () => {
    const launcher = await running();
    await mkdir(join(host.directory, 'run/images'));
    assert.match(await ask(host, 'web', 'dump /run/grenadine/images kill 1048576'), /^ok ms=\d+$/);
    assert.equal((await launcher.ended).status, 0);
  });

  test('an application that ends during a dump ends the service after it', async () => {
    const images = join(host.directory, 'run/images');
    await rm(images, { recursive: true, force: true });
    await mkdir(images);
    await promisify(execFile)('mkfifo', [join(images, 'go')]);
    const launcher = await running();
    const dump = ask(host, 'web', 'dump /run/grenadine/images leave-running 1048576');
    await until(async () => (await stat(join(images, 'core-2.img'))).isFile());
    const init = / init=(\d+)/.exec(await ask(host, 'web', 'state'))?.[1] ?? '';
    const application = (await readFile(`/proc/${init}/task/${init}/children`, 'utf8')).split(' ')[0];
    process.kill(Number(application), 'SIGUSR1');
    await until(() =>
      stat(`/proc/${application ?? ''}`).then(
        () => false,
        () => true,
      ),
    );
    await ask(host, 'web', 'state');
    await writeFile(join(images, 'go'), 'go');
    assert.match(await dump, /^ok ms=\d+$/);
    assert.equal((await launcher.ended).status, 3);
  });

  test('a dump that cannot be watched has failed, answers once and is over', async () => {
    const launcher = await running(host.startRefused('clocks', words));
    const images = join(host.directory, 'run/images');
    await rm(images, { recursive: true, force: true });
    await mkdir(images);
    // Else it might be done before somebody looks.
    await promisify(execFile)('mkfifo', [join(images, 'go')]);
    for (let round = 0; round < 2; round++)
      assert.equal(
        await ask(host, 'web', 'dump /run/grenadine/images leave-running 1048576'),
        'error dump-failed Too many open files',
      );
    launcher.process.kill('SIGUSR1');
    assert.equal((await launcher.ended).status, 3);
  });

  test('boots, proves and runs nothing', async () => {
    const launcher = await running();
    for (const line of ['boot', 'prove /x', 'run /bin/true'])
      assert.equal(await ask(host, 'web', line), 'error bad-request it is no workbench');
    launcher.process.kill('SIGKILL');
    await launcher.ended;
  });
});
