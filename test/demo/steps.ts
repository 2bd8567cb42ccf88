/** The steps of the demonstration, each of which throws unless what it shows really happened. */
import { bakeWhenAsked, deployInBed, inBed } from '../apps/deploy-in-bed.js';
import { compileFirstByte, measureFirstByte, type Measured } from '../bench/first-byte.js';
import type { Bed } from '../bed/bed.js';
import type { Screen } from './terminal.js';

const port = 3000;
const path = '/articles';
const bakeTimeoutMs = 120_000;

export async function deployRails(bed: Bed, screen: Screen): Promise<void> {
  screen.step('A Rails application is deployed, and told to Grenadine');
  await compileFirstByte(bed);
  await bakeWhenAsked(bed);
  await deployInBed(bed, 'rails');
  screen.show(await inBed(bed, 'cat', '/etc/grenadine/apps/rails.conf'));
  screen.fact(`rails.socket, which holds port ${port}`, await unitState(bed, 'rails.socket'));
  screen.fact('rails.service', await unitState(bed, 'rails.service'));
}

/** Answers the milliseconds from connect to first byte. */
export async function connectCold(bed: Bed, screen: Screen): Promise<number> {
  screen.step('The first connection, with no snapshot: Rails boots');
  const measured = await measureFirstByte(bed, port, path);
  checkAnswer(measured);
  await checkHow(bed, 'cold');
  screen.fact(`GET ${path} is answered: ${titleOf(measured)}`, milliseconds(measured));
  return measured.firstByteMs;
}

export async function bakeSnapshot(bed: Bed, screen: Screen): Promise<void> {
  screen.step('grenadine bake rails');
  const isTerminal = process.stderr.isTTY;
  const command = await bed.spawn(['grenadine', 'bake', 'rails'], {
    stdout: 'pipe',
    stderr: isTerminal ? 'inherit' : 'pipe',
  });
  const timer = setTimeout(() => void command.kill(), bakeTimeoutMs);
  for (const stream of [command.stdout, command.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      screen.show(chunk.toString('utf8'));
    });
  }
  const status = await command.ended;
  clearTimeout(timer);
  if (status !== 0) throw new Error(`grenadine bake ended with status ${status}`);
}

export async function listSnapshots(bed: Bed, screen: Screen): Promise<void> {
  screen.step('grenadine list');
  screen.show(await inBed(bed, 'grenadine', 'list'));
  screen.show('');
  screen.show(await inBed(bed, 'grenadine', 'list', 'rails'));
}

export async function stopRails(bed: Bed, screen: Screen): Promise<void> {
  screen.step('systemctl stop rails.service');
  await inBed(bed, 'systemctl', '--quiet', 'stop', 'rails.service');
  const state = await unitState(bed, 'rails.service');
  if (state !== 'inactive') throw new Error(`rails.service is ${state} after a stop`);
  screen.fact(`rails.socket, which holds port ${port}`, await unitState(bed, 'rails.socket'));
  screen.fact('rails.service', state);
}

/** Answers the milliseconds from connect to first byte. */
export async function connectRestored(bed: Bed, screen: Screen): Promise<number> {
  screen.step('The first connection again: Rails is restored');
  const measured = await measureFirstByte(bed, port, path);
  checkAnswer(measured);
  await checkHow(bed, 'restored');
  screen.fact(`GET ${path} is answered: ${titleOf(measured)}`, milliseconds(measured));
  const running = await measureFirstByte(bed, port, path);
  checkAnswer(running);
  screen.fact('the same once more, of the running application', milliseconds(running));
  return measured.firstByteMs;
}

export async function lookAtNamespaces(bed: Bed, screen: Screen): Promise<void> {
  screen.step('It is in PID and mount namespaces of its own');
  const launcher = (
    await inBed(bed, 'systemctl', 'show', '--property=MainPID', '--value', 'rails.service')
  ).trim();
  const init = await childOf(bed, launcher);
  const rails = await childOf(bed, init);
  const seen = new Map<string, readonly string[]>();
  for (const [what, pid] of [
    ['the host', '1'],
    ['the launcher', launcher],
    ['its init', init],
    ['Rails', rails],
  ] as const) {
    const links = [`/proc/${pid}/ns/pid`, `/proc/${pid}/ns/mnt`];
    const namespaces = (await inBed(bed, 'readlink', ...links)).trim().split('\n');
    const pids = /^NSpid:\s*(.*)$/m.exec(await inBed(bed, 'cat', `/proc/${pid}/status`))?.[1] ?? '';
    seen.set(what, namespaces);
    screen.fact(`${what.padEnd(14)} ${namespaces.join('  ')}`, `PID ${pids.replaceAll('\t', ' > ')}`);
  }
  const isOwn = [0, 1].every((index) => seen.get('Rails')?.[index] !== seen.get('the host')?.[index]);
  if (!isOwn) throw new Error('Rails shares a namespace with the host');
}

export async function readJournal(bed: Bed, screen: Screen): Promise<void> {
  screen.step("The journal's account, and grenadine why");
  const journal = ['journalctl', '--unit=rails.service', '--no-hostname', '--output=short-monotonic'];
  const lines = (await inBed(bed, ...journal, '--lines=30')).split('\n');
  // From the stop on, and of what Rails says of each request the last line.
  const start = lines.findLastIndex((line) => line.includes('Stopping rails.service'));
  screen.show(
    lines.filter((line, index) => index >= start && !/Started GET|Processing|Render/.test(line)).join('\n'),
  );
  screen.show('');
  screen.show(await inBed(bed, 'grenadine', 'why', 'rails'));
}

function checkAnswer({ status, body }: Measured): void {
  const isRight = status === 200 && body.includes('<h1>Articles</h1>') && body.includes('25 articles');
  if (!isRight) throw new Error(`the answer is wrong (${status}): ${body.slice(0, 200)}`);
}

/** The launcher's own word of how it brought the application up; it writes it a moment after the start job is done. */
async function checkHow(bed: Bed, how: 'cold' | 'restored'): Promise<void> {
  const file = '/run/grenadine/outcome/rails';
  const wait = `until grep -q '^how=${how}$' ${file}; do sleep 0.02; done`;
  const { status } = await bed.run(['timeout', '5', 'sh', '-c', wait]);
  if (status !== 0) throw new Error(`it did not come up ${how}:\n${await inBed(bed, 'cat', file)}`);
}

function titleOf({ status, body }: Measured): string {
  return `${status}, ${/\d+ articles/.exec(body)?.[0] ?? 'no articles'}`;
}

function milliseconds({ firstByteMs }: Measured): string {
  return `${firstByteMs.toFixed(firstByteMs < 100 ? 1 : 0)} ms`;
}

async function unitState(bed: Bed, unit: string): Promise<string> {
  return (await inBed(bed, 'systemctl', 'show', '--property=ActiveState', '--value', unit)).trim();
}

async function childOf(bed: Bed, pid: string): Promise<string> {
  const [child] = (await inBed(bed, 'cat', `/proc/${pid}/task/${pid}/children`)).trim().split(' ');
  if (child === undefined || child === '') throw new Error(`process ${pid} has no child`);
  return child;
}
