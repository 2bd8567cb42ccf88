/**
 * The parsers in C, each in a program of its own (native/), with ASan and UBSan. With clang it is libFuzzer that looks for
 * inputs, and what it keeps stays in build/fuzz/; with gcc, as in CI, native/driver.c damages the seeds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const seeds = join(root, 'test/fuzz/native/seeds');

export const nativeNames: readonly string[] = ['launcher-plan', 'launcher-request', 'launcher-log', 'launcher-netlink', 'launcher-address']; // prettier-ignore

async function run(argv: readonly string[]): Promise<boolean> {
  const [program = '', ...words] = argv;
  const child = spawn(program, words, {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: join(root, 'build/fuzz'),
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status === 0;
}

/** Under the lock of those who build the sanitized launcher, whose objects these are, too. */
function make(variables: readonly string[]): Promise<boolean> {
  const native = join(root, 'build/native');
  const argv = ['make', '-s', '-C', join(root, 'native'), 'fuzz', `BUILD=${native}`, ...variables];
  return run(['flock', join(native, 'lock'), ...argv]);
}

async function hasClang(): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(':');
  const found = await Promise.allSettled(folders.map((folder) => access(join(folder, 'clang'))));
  return found.some(({ status }) => status === 'fulfilled');
}

/** For a time, or for a number of inputs. Answers whether all went well; what did not is on standard error. */
export async function runNative(
  name: string,
  { seed, seconds, runs }: { readonly seed: number; readonly seconds?: number; readonly runs?: number },
): Promise<boolean> {
  const isLong = seconds !== undefined && (await hasClang());
  const build = join(root, isLong ? 'build/native/libfuzzer' : 'build/native/fuzz');
  const corpus = join(root, 'build/fuzz', name);
  await mkdir(corpus, { recursive: true });
  await mkdir(join(root, 'build/native'), { recursive: true });
  const variables = [
    `FUZZ=${build}`,
    `FUZZ_OBJECTS=${build}`,
    'FUZZ_CC=clang',
    'FUZZ_ENGINE=-fsanitize=fuzzer',
  ];
  if (!(await make(isLong ? variables : []))) return false;
  const limit = seconds === undefined ? `-runs=${runs ?? 0}` : `-max_total_time=${seconds}`;
  const folders = isLong ? [corpus, join(seeds, name)] : [join(seeds, name)];
  return run([join(build, name), `-seed=${seed}`, limit, '-timeout=5', '-print_final_stats=1', ...folders]);
}
