// The launcher's cold boot, on this machine: what the application finds, what systemd sees of its end.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { openPrivateHost, readAll, skip, type Ending, type PrivateHost } from './launcher/private-host.js';
import { until } from './launcher/switching.js';

let host: PrivateHost;

describe('a cold boot', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: false });
  });
  after(() => host.close());

  /** Boots a shell script and waits for its end. */
  const boot = (script: string, options: readonly string[] = [], environment = {}): Promise<Ending> =>
    host.start([...options, '--', '/bin/sh', '-c', script], environment).ended;
  const lines = async (script: string, options: readonly string[] = [], environment = {}) =>
    (await boot(script, options, environment)).out.trimEnd().split('\n');

  test('makes the application PID 2, child of the init and leader of its session', async () => {
    const [pid, stat] = await lines('echo $$; cut -d" " -f4-6 /proc/$$/stat');
    assert.equal(pid, '2');
    // Parent, process group, session.
    assert.equal(stat, '1 2 2');
  });

  test('shows it no process of the host', async () => {
    // The glob is the shell's own, so no third process shows.
    assert.deepEqual(await lines('cd /proc && echo [0-9]*'), ['1 2']);
  });

  test('gives it PID and mount namespaces of its own, and the host’s others', async () => {
    const names = ['pid', 'mnt', 'net', 'user', 'ipc'];
    const seen = await lines(names.map((name) => `readlink /proc/self/ns/${name}`).join(';'));
    const ours = await Promise.all(names.map((name) => readlink(`/proc/self/ns/${name}`)));
    assert.deepEqual(
      names.filter((_, at) => seen[at] !== ours[at]),
      ['pid', 'mnt'],
    );
  });

  test('leaves nothing open but null, two pipes and the listeners', async () => {
    const all = Array.from({ length: 20 }, (_, fd) => fd).join(' ');
    const targets = await lines(`for fd in ${all}; do readlink /proc/$$/fd/$fd; done`);
    assert.equal(
      targets.map((target) => target.replace(/\[\d+\]/, '[]')).join(' '),
      '/dev/null pipe:[] pipe:[] socket:[] socket:[]',
    );
  });

  test('tells it its listeners, with its own PID', async () => {
    assert.deepEqual(await lines('echo $LISTEN_PID $LISTEN_FDS $LISTEN_FDNAMES'), [
      '2 2 web.socket:web.socket',
    ]);
  });

  test('tells runtimes what makes a better snapshot, before what the operator tells them', async () => {
    const php = '/usr/lib/grenadine/runtimes/php';
    const told = (environment: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      lines('echo "$JAVA_TOOL_OPTIONS"; echo "$PHP_INI_SCAN_DIR"', ['--presets'], environment);
    // A missing word is PHP's own directory; an empty variable means none.
    assert.deepEqual(await told({}), ['-XX:-UsePerfData', `${php}:`]);
    assert.deepEqual(await told({ JAVA_TOOL_OPTIONS: '-Xint', PHP_INI_SCAN_DIR: '/etc/php' }), [
      '-XX:-UsePerfData -Xint',
      `${php}:/etc/php`,
    ]);
    assert.deepEqual(await told({ PHP_INI_SCAN_DIR: '' }), ['-XX:-UsePerfData', php]);
  });

  test('leaves a seed where it is asked to, for whoever the application is, and says where', async () => {
    const script = 'echo "$GRENADINE_SEED"; cat "${GRENADINE_SEED:-/dev/null}"; echo x > "$GRENADINE_SEED"';
    const [path, generation, instance, seed, ...more] = await lines(script, ['--seed', '--user=nobody']);
    assert.equal(path, '/run/grenadine/seed/seed');
    assert.match(`${generation} ${instance}`, /^generation=\d{16} instance=[0-9a-f]{32}$/);
    assert.match(seed ?? '', /^seed=[0-9a-f]{64}$/);
    assert.deepEqual(more, []);
    assert.deepEqual(await lines('echo "$GRENADINE_SEED"'), ['']);
  });

  test('where namespaces are refused has none, and leaves no seed and no mount on the host', async () => {
    const script = 'readlink /proc/self/ns/pid; echo "[$GRENADINE_SEED]"; cat /proc/self/mountinfo';
    const { out } = await host.startRefused('namespaces', ['--seed', '--', '/bin/sh', '-c', script]).ended;
    const [namespace, seed, ...mounts] = out.trimEnd().split('\n');
    assert.deepEqual([namespace, seed], [await readlink('/proc/self/ns/pid'), '[]']);
    // The first is the test's own.
    assert.deepEqual(
      mounts.map((line) => line.split(' ')[4]).filter((path) => path?.startsWith('/run/grenadine')),
      ['/run/grenadine'],
    );
    assert.match(Object.fromEntries(await host.outcome())['plain'] ?? '', /namespaces/);
  });

  test('where a filter ends who makes them has none either', async () => {
    const { out } = await host.startRefused('roots', ['--', 'readlink', '/proc/self/ns/pid']).ended;
    assert.equal(out.trim(), await readlink('/proc/self/ns/pid'));
    assert.match(Object.fromEntries(await host.outcome())['plain'] ?? '', /SIGSYS/);
  });

  test('passes each listener under its number', async () => {
    const program = `const { createServer } = require('node:net');
      for (const fd of [3, 4]) createServer((c) => c.end('this is ' + fd)).listen({ fd }, () => console.log('listening ' + fd));`;
    const launcher = host.start(['--', process.execPath, '-e', program]);
    await Promise.all([launcher.saw('listening 3'), launcher.saw('listening 4')]);
    assert.equal(await readAll(join(host.directory, 'one.sock')), 'this is 3');
    assert.equal(await readAll(join(host.directory, 'two.sock')), 'this is 4');
    launcher.process.kill('SIGTERM');
    await launcher.ended;
  });

  test('keeps the environment but for what systemd meant for this invocation', async () => {
    const foreign = ['NOTIFY_SOCKET', 'INVOCATION_ID', 'JOURNAL_STREAM', 'SYSTEMD_EXEC_PID', 'WATCHDOG_USEC'];
    const environment = Object.fromEntries([...foreign, 'KEPT'].map((name) => [name, '/none']));
    const seen = await lines('env', [], environment);
    const names = seen.map((line) => line.split('=')[0]);
    assert.ok(seen.includes('KEPT=/none'));
    assert.deepEqual(
      names.filter((name) => foreign.includes(name ?? '')),
      [],
    );
  });

  test('sets no account’s variables where no user is set', async () => {
    assert.deepEqual(await lines('echo "[$HOME][$USER][$LOGNAME]"'), ['[][][]']);
  });

  test('becomes the user, with its groups, home and shell', async () => {
    const [ids, inheritable, effective, words] = await lines(
      'echo $(id -u) $(id -g) $(id -G); grep -E "Cap(Inh|Eff)" /proc/self/status; echo $HOME $USER $LOGNAME $SHELL',
      ['--user=nobody'],
    );
    assert.equal(ids, '65534 65534 65534');
    assert.match(inheritable ?? '', /^CapInh:\t0+$/);
    assert.match(effective ?? '', /^CapEff:\t0+$/);
    assert.equal(words, '/nonexistent nobody nobody /usr/sbin/nologin');
  });

  test('takes a user by number, and a group besides', async () => {
    assert.deepEqual(await lines('echo $(id -u) $(id -g)', ['--user=65534', '--group=daemon']), ['65534 1']);
  });

  test('starts in the directory, ~ is the user’s home', async () => {
    assert.deepEqual(await lines('pwd', ['--directory=/usr/lib']), ['/usr/lib']);
    assert.deepEqual(await lines('pwd', ['--directory=~', '--user=root']), ['/root']);
    assert.deepEqual(await lines('pwd'), ['/']);
  });

  test('filters io_uring without disarming set-user-ID programs', async () => {
    assert.deepEqual(await lines('grep -E "^(NoNewPrivs|Seccomp):" /proc/self/status', ['--user=nobody']), [
      'NoNewPrivs:\t0',
      'Seccomp:\t2',
    ]);
  });

  test('looks for a command without a slash in $PATH, and never gives it to a shell', async () => {
    assert.equal((await host.start(['--', 'true']).ended).status, 0);
    const path = join(host.directory, 'text');
    await writeFile(path, 'echo this ran in a shell', { mode: 0o755 });
    const noFormat = await host.start(['--', path]).ended;
    assert.equal(noFormat.status, 203);
  });

  test('ends as the application does: by status, by signal', async () => {
    assert.equal((await boot('exit 0')).status, 0);
    assert.equal((await boot('exit 7')).status, 7);
    const killed = await boot('kill -s KILL $$');
    assert.deepEqual([killed.status, killed.signal], [null, 'SIGKILL']);
  });

  test('takes along what the application leaves behind', async () => {
    const launcher = host.start(['--', '/bin/sh', '-c', 'sleep 1000 & echo started']);
    const { status, out } = await launcher.ended;
    assert.deepEqual([status, out], [0, 'started\n']);
  });

  test('takes everything along when the launcher is killed', async () => {
    const program = `require('node:net').createServer((c) => c.write('hello')).listen({ fd: 3 }, () => console.log('listening'));`;
    const launcher = host.start(['--', process.execPath, '-e', program]);
    await launcher.saw('listening');
    const untilTheEnd = readAll(join(host.directory, 'one.sock')).catch((error: unknown) => error);
    launcher.process.kill('SIGKILL');
    // The connection ends with the process at its other end.
    await untilTheEnd;
    await launcher.ended;
  });

  for (const signal of ['TERM', 'INT', 'HUP', 'USR1', 'USR2', 'QUIT', 'WINCH', 'CONT'] as const) {
    test(`forwards SIG${signal}`, async () => {
      const script = `trap 'echo got it; exit 3' ${signal}; echo ready; while :; do sleep 0.01; done`;
      const launcher = host.start(['--', '/bin/sh', '-c', script]);
      await launcher.saw('ready');
      launcher.process.kill(`SIG${signal}`);
      assert.equal((await launcher.ended).status, 3);
    });
  }

  test('passes the signal that a shell died of on to the server below it, and waits for that', async () => {
    const server = `process.on('SIGTERM', () => setTimeout(() => { console.log('finished'); process.exit(); }, 100)); setInterval(() => {}, 1000); console.log('ready');`;
    const launcher = host.start(['--', '/bin/sh', '-c', '"$@"; true', 'sh', process.execPath, '-e', server]);
    await launcher.saw('ready');
    launcher.process.kill('SIGTERM');
    // As systemd does.
    launcher.process.kill('SIGCONT');
    const { signal, out } = await launcher.ended;
    assert.deepEqual([signal, out], ['SIGTERM', 'ready\nfinished\n']);
  });

  test('passes the signal of a stop on to those whom the application leaves behind, whichever it is', async () => {
    const server = `process.on('SIGQUIT', () => setTimeout(() => { console.log('finished'); process.exit(); }, 100)); setInterval(() => {}, 1000); console.log('ready');`;
    const script = `"$@" & trap 'exit 3' QUIT; while :; do sleep 0.01; done`;
    const launcher = host.start(['--', '/bin/sh', '-c', script, 'sh', process.execPath, '-e', server]);
    await launcher.saw('ready');
    launcher.process.kill('SIGQUIT');
    launcher.process.kill('SIGCONT');
    const { status, out } = await launcher.ended;
    assert.deepEqual([status, out], [3, 'ready\nfinished\n']);
  });

  for (const signal of ['SIGTERM', 'SIGQUIT'] as const)
    test(`tells systemd READY=1 once the command was executed, STOPPING=1 when it is stopped by ${signal}`, async () => {
      const path = join(host.directory, 'notify');
      const notified = spawn(join(host.directory, 'notified'), [path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let told = '';
      const until = (what: string): Promise<void> =>
        new Promise((resolve) => {
          notified.stdout.on('data', () => {
            if (told.includes(what)) resolve();
          });
        });
      notified.stdout.setEncoding('utf8').on('data', (part: string) => {
        told += part;
      });
      await until('listening');
      const ready = until('READY=1\nSTATUS=Serves, from a cold boot (no-criu); why: grenadine why web');
      const stopping = until('STOPPING=1');
      const launcher = host.start(['--', 'sleep', '1000'], { NOTIFY_SOCKET: '/run/systemd/notify' });
      await ready;
      launcher.process.kill(signal);
      launcher.process.kill('SIGCONT');
      await stopping;
      await launcher.ended;
      notified.kill();
      await rm(path);
    });

  test('says in the outcome that there is no CRIU', async () => {
    await boot('exit 0');
    const outcome = Object.fromEntries(await host.outcome());
    assert.deepEqual([outcome['how'], outcome['answer'], outcome['reason']], ['cold', 'none', 'no-criu']);
    for (const path of ['/usr/sbin/criu', '/usr/local/sbin/criu'])
      assert.ok(outcome['detail']?.includes(path), outcome['detail']);
  });
});

describe('a cold boot whose init ends before the command is executed', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: false });
    // Who looks up a user waits, for ever.
    await promisify(execFile)('mkfifo', [join(host.directory, 'passwd')]);
  });
  after(() => host.close());

  const childOf = async (pid: string): Promise<string> => {
    const deadline = AbortSignal.timeout(10_000);
    for (;;) {
      deadline.throwIfAborted();
      const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
      if (children !== '') return children.trim();
    }
  };
  test('says so, and is not booted again as one whose namespaces were refused', async () => {
    const launcher = host.start(['--user=nobody', '--', 'true']);
    const pid = `${launcher.process.pid}`;
    await until(async () => (await readlink(`/proc/${pid}/exe`)).endsWith('/grenadine-launcher'));
    const init = await childOf(pid);
    // It has its order.
    await childOf(init);
    process.kill(Number(init), 'SIGKILL');
    const { status, err } = await launcher.ended;
    assert.equal(status, 1);
    assert.match(err, /^<3>Failed to boot cold: the init process was ended by SIGKILL before it .*\n$/);
  });
});

describe('a cold boot that fails', { skip }, () => {
  before(async () => {
    host = await openPrivateHost({ hasCriu: false });
  });
  after(() => host.close());

  const cases = [
    ['an unknown option', ['--frob', '--', 'true'], 2],
    ['a missing command', [], 2],
    ['an address without --bake', ['--listener=80', '--', 'true'], 2],
    ['a directory that is not there', ['--directory=/none', '--', 'true'], 200],
    ['a command that is not there', ['--', 'no-such-command'], 203],
    ['a group that nobody knows', ['--group=no-such-group', '--', 'true'], 216],
    ['a user that nobody knows', ['--user=no-such-user', '--', 'true'], 217],
  ] as const;
  for (const [what, words, status] of cases) {
    test(`${what} ends it with status ${status} and one line of error`, async () => {
      const ending = await host.start(words).ended;
      assert.equal(ending.status, status);
      assert.match(ending.err, /^<3>Failed to .*\n$/);
    });
  }
});
