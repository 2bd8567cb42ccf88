/**
 * What random generators give after three restores of one snapshot. A table: grenadine(7) tells the same, and a test
 * fails when a row becomes better or worse.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { configure, firstConnection, install, uninstall } from './application.js';
import { bake, grenadine, jsonRows, type Json } from './grenadine.js';

/** What an operator has to know of a generator. */
const kernel = 'unique: it asks the kernel each time';
const told = 'unique: Presets= has it ask the kernel';
const perRequest = 'unique: it is seeded anew by each request';
const clock = 'unique: the time is in it';
const seeded = 'unique: with Seed= and a few lines the application seeds it anew';
const repeats = 'repeats: ask another';
type Verdict =
  typeof kernel | typeof told | typeof perRequest | typeof clock | typeof seeded | typeof repeats;

interface Runtime {
  readonly name: string;
  readonly port: number;
  readonly generators: Readonly<Record<string, Verdict>>;
  readonly seed?: 'SIGUSR2' | 'file';
  /** Lines of NAME.conf that a snapshot without Presets= takes. */
  readonly withoutPresets?: string;
}

const runtimes: readonly Runtime[] = [
  {
    name: 'ruby',
    port: 5080,
    generators: {
      'OpenSSL::Random': told,
      'OpenSSL::Cipher#random_key': told,
      SecureRandom: kernel,
      rand: seeded,
    },
    seed: 'SIGUSR2',
  },
  {
    name: 'python',
    port: 5081,
    generators: {
      'ssl.RAND_bytes': told,
      secrets: kernel,
      'os.urandom': kernel,
      'uuid.uuid4': kernel,
      'uuid.uuid1': clock,
      random: seeded,
      'random.SystemRandom': kernel,
    },
    seed: 'SIGUSR2',
  },
  {
    name: 'node',
    port: 5082,
    generators: {
      'crypto.randomBytes': told,
      'crypto.randomUUID': told,
      'crypto.randomInt': told,
      'crypto.generateKeySync': told,
      'WebCrypto getRandomValues': told,
      'WebCrypto randomUUID': told,
      'WebCrypto generateKey': told,
      'Math.random': seeded,
      'keys of TLS tickets': seeded,
    },
    seed: 'SIGUSR2',
  },
  {
    name: 'java',
    port: 5083,
    generators: {
      SecureRandom: kernel,
      'UUID.randomUUID': kernel,
      Random: seeded,
      'Math.random': repeats,
      ThreadLocalRandom: repeats,
    },
    seed: 'file',
    withoutPresets: 'Environment=JAVA_TOOL_OPTIONS=-XX:-UsePerfData',
  },
  {
    name: 'php',
    port: 5084,
    generators: {
      random_bytes: kernel,
      openssl_random_pseudo_bytes: told,
      mt_rand: perRequest,
      lcg_value: perRequest,
    },
    // Without what else Presets= says, there is compiled code that CRIU cannot begin with.
    withoutPresets: 'Environment=PHP_INI_SCAN_DIR=/usr/lib/grenadine/runtimes/php:',
  },
  { name: 'erlang', port: 5085, generators: { 'crypto:strong_rand_bytes': told, rand: repeats } },
  {
    name: 'go',
    port: 5086,
    generators: {
      'crypto/rand': kernel,
      'math/rand': repeats,
      'math/rand/v2': repeats,
      'math/rand, seeded once': repeats,
    },
  },
  {
    name: 'c',
    port: 5087,
    generators: { getrandom: kernel, arc4random: kernel, random: seeded, 'ChaCha20 of its own': seeded },
    seed: 'SIGUSR2',
  },
  { name: 'puma', port: 5090, generators: { rand: seeded }, seed: 'file' },
  { name: 'perl', port: 5088, generators: { rand: seeded }, seed: 'SIGUSR2' },
  { name: 'php-long', port: 5089, generators: { mt_rand: seeded, shuffle: seeded }, seed: 'SIGUSR2' },
];

const restores = 3;

type Outlook = 'unique' | 'repeats';

/** Restores the snapshot again and again, and says of each generator whether two first answers had the same of it. */
async function compareRestores({ name, port }: Runtime): Promise<Readonly<Record<string, Outlook>>> {
  const draws = new Map<string, string[]>();
  for (let round = 0; round < restores; round += 1) {
    const { answer, outcome } = await firstConnection(`unique-${name}`, `127.0.0.1:${port}`);
    assert.equal(outcome.how, 'restored', outcome.detail);
    const drawn = JSON.parse(answer.body) as Record<string, string>;
    for (const [generator, value] of Object.entries(drawn))
      draws.set(generator, [...(draws.get(generator) ?? []), value]);
  }
  return Object.fromEntries([...draws].map(([generator, values]) => [generator, judge(values)]));
}

function judge(values: readonly string[]): Outlook {
  assert.equal(values.length, restores);
  return new Set(values).size === values.length ? 'unique' : 'repeats';
}

function expected(
  { generators }: Runtime,
  isRepeated: (verdict: Verdict) => boolean,
): Readonly<Record<string, Outlook>> {
  return Object.fromEntries(
    Object.entries(generators).map(([name, verdict]) => [name, isRepeated(verdict) ? 'repeats' : 'unique']),
  );
}

for (const runtime of runtimes) {
  const name = `unique-${runtime.name}`;
  describe(`three restores of one snapshot of ${runtime.name}`, () => {
    before(() => install('uniqueness', name));
    afterEach(() => configure(name, ''));
    after(() => uninstall(name));

    test('repeat what is known to repeat, and nothing else', async () => {
      if (runtime.seed !== undefined) await configure(name, `[Snapshot]\nSeed=${runtime.seed}`);
      await bake(name);
      assert.deepEqual(
        await compareRestores(runtime),
        expected(runtime, (verdict) => verdict === repeats),
      );
    });

    if (Object.values(runtime.generators).some((verdict) => verdict === told || verdict === seeded))
      test('repeat without Presets= and Seed= what they do not repeat with them', async () => {
        await configure(name, `[Application]\n${runtime.withoutPresets ?? ''}\n[Snapshot]\nPresets=no`);
        await bake(name);
        assert.deepEqual(
          await compareRestores(runtime),
          expected(runtime, (verdict) => verdict === repeats || verdict === told || verdict === seeded),
        );
      });
  });
}

describe('doctor NAME --uniqueness', () => {
  const name = 'unique-ruby';

  before(() => install('uniqueness', name));
  after(() => uninstall(name));

  test('names what two restores gave out alike, in place of publishing it, and its status is 1', async () => {
    const { status, stdout } = await grenadine('doctor', name, '--uniqueness', '--json');
    const rows = JSON.parse(stdout) as Json[];
    assert.equal(status, 1);
    const tokens = rows.filter(({ result }) => result === 'failed');
    // One of a hundred numbers may be shorter than eight digits.
    assert.ok(tokens.length >= 95 && tokens.length <= 100, stdout);
    for (const { holds, what } of tokens) assert.match(`${String(holds)} ${String(what)}`, /^token \d+$/);
    assert.ok(rows.some(({ holds }) => holds === 'constants'));
    assert.deepEqual(await jsonRows('list', name), []);
  });

  test('finds nothing where the application seeds its generator anew, and its status is 0', async () => {
    await configure(name, '[Snapshot]\nSeed=SIGUSR2');
    const { status, stdout } = await grenadine('doctor', name, '--uniqueness', '--path', '/other');
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^answers +100 and 100 to GET \/other +ok /m);
  });

  test('tells, as a bake does, that nobody waits for the signal of Seed=', async () => {
    await configure(name, '[Snapshot]\nSeed=SIGURG');
    const { status, stdout } = await grenadine('doctor', name, '--uniqueness');
    assert.equal(status, 1);
    assert.match(stdout, /^process .* no process of the application waits for signal 23, which Seed= names/m);
  });

  test('does not begin with an application that cannot be asked', async () => {
    await install('greeter', 'greeter');
    const { status, stdout } = await grenadine('doctor', 'greeter', '--uniqueness');
    await uninstall('greeter');
    assert.equal(status, 1);
    assert.match(stdout, /^answers +Send= +failed /m);
  });

  test('is what --path is for, and nothing else', async () => {
    const { status, stderr } = await grenadine('doctor', name, '--path', '/');
    assert.deepEqual([status, /--path goes with --uniqueness/.test(stderr)], [2, true]);
  });
});
