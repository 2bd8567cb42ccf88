// The launcher's plan parser against the activator's writer: what one writes the other takes, and no bytes break it.
import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { encodeWords } from '../../generator/config/command-words.js';
import { renderPlan, type Plan } from '../../activator/store/plan.js';
import { compile } from './launcher/private-host.js';

let directory: string;
let probe: ChildProcessByStdio<Writable, Readable, null>;
let answers: AsyncIterator<string>;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'grenadine-plan-'));
  await compile('plan-probe.c', join(directory, 'plan-probe'), [
    'plan.c',
    'plan-lists.c',
    'span.c',
    'options.c',
  ]);
  probe = spawn(join(directory, 'plan-probe'), { stdio: ['pipe', 'pipe', 'inherit'] });
  answers = splitAtNul(probe.stdout);
});
after(async () => {
  probe.stdin.end();
  await rm(directory, { recursive: true, force: true });
});

async function* splitAtNul(stream: Readable): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, Buffer.from(chunk as Uint8Array)]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      yield rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
    }
  }
}

/** A probe that died answers nothing, and the assertion on the answer fails. */
async function parse(plan: string | Uint8Array): Promise<string> {
  const bytes = Buffer.from(plan);
  probe.stdin.write(`${bytes.length}\n`);
  probe.stdin.write(bytes);
  const answer = await answers.next();
  return answer.done === true ? 'the parser died' : answer.value;
}

const digit = fc.constantFrom(...Array.from({ length: 16 }, (_, value) => value.toString(16)));
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: digit, minLength: length, maxLength: length });
const uint32 = fc.integer({ min: 1, max: 0xffff_ffff });
const path = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((text) => !text.includes('\0'))
  .map((text) => `/${text}`);
const option = fc.record({
  level: fc.integer({ min: 0, max: 0x7fff_ffff }),
  name: fc.integer({ min: 0, max: 0x7fff_ffff }),
  value: fc.integer({ min: 1, max: 64 }).chain((bytes) => hex(2 * bytes)),
});
const listeners = fc.uniqueArray(
  fc.record({
    index: fc.integer({ min: 0, max: 31 }),
    inode: uint32,
    nonblock: fc.boolean(),
    backlog: fc.option(fc.integer({ min: 0, max: 0x7fff_ffff }), { nil: undefined }),
    options: fc.array(option, { maxLength: 2 }),
  }),
  { selector: ({ index }) => index, maxLength: 8 },
);
const id = fc.integer({ min: 0, max: 0xffff_fffe });
const user = fc.record({ uid: id, gid: id, groups: fc.array(id, { maxLength: 64 }) });
const file = fc.record({
  path,
  /** O_RDWR, O_APPEND and O_PATH. */
  flags: fc.constantFrom(0, 1, 2, 0o2001, 0o10000000),
  position: uint32,
  size: fc.option(uint32, { nil: undefined }),
  mtimeSec: fc.option(uint32, { nil: undefined }),
});
const files = fc
  .tuple(fc.array(user, { minLength: 1, maxLength: 8 }), fc.array(file, { maxLength: 16 }))
  .map(([users, list]) =>
    list.flatMap((one, at) =>
      users.slice(at % users.length, (at % users.length) + 1).map((of) => ({ ...one, user: of })),
    ),
  );
const plans: fc.Arbitrary<Plan> = fc.record({
  application: fc.stringMatching(/^[a-z0-9][a-z0-9_]{0,63}$/),
  snapshot: hex(12),
  configuration: hex(16),
  kernel: fc.stringMatching(/^[!-~]{1,64}$/),
  criu: fc.record({ size: uint32, mtimeSec: uint32, doesWithout: fc.boolean() }),
  release: fc.option(fc.record({ path, target: path }), { nil: undefined }),
  pid: fc.integer({ min: 2, max: 4000 }),
  pidFloor: fc.integer({ min: 4001, max: 4_194_304 }),
  stdout: fc.option(uint32, { nil: undefined }),
  stderr: fc.option(uint32, { nil: undefined }),
  isMapped: fc.boolean(),
  isForOnce: fc.boolean(),
  hasSeed: fc.boolean(),
  signals: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 16 }),
  after: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('command' as const),
        text: fc.array(fc.string({ maxLength: 20 })).map((words) => encodeWords(['/bin/x', ...words])),
      }),
      fc.record({
        kind: fc.constant('request' as const),
        text: fc.stringMatching(/^(GET|POST) \/[!-~]{0,30} [a-z.]{1,20}$/),
      }),
    ),
    { maxLength: 16 },
  ),
  listeners,
  files,
  deadlineMs: fc.integer({ min: 1, max: 600_000 }),
});

function userWords({ uid, gid, groups }: Plan['files'][number]['user']): string {
  return [uid, gid, ...groups].join();
}

function understood(plan: Plan): string {
  const users = [...new Set(plan.files.map(({ user }) => userWords(user)))];
  const { release } = plan;
  const words = [
    `taken ${plan.application} ${plan.snapshot} ${plan.configuration} ${plan.kernel} ${plan.criu.size}:${plan.criu.mtimeSec}:${Number(plan.criu.doesWithout)}`,
    `release=${release?.path ?? ''},${release?.target ?? ''}`,
    `pid=${plan.pid},${plan.pidFloor} streams=${plan.stdout ?? 0},${plan.stderr ?? 0} mapped=${plan.isMapped ? 1 : 0} once=${plan.isForOnce ? 1 : 0} seed=${plan.hasSeed ? 1 : 0} deadline=${plan.deadlineMs}`,
    ...plan.listeners.map(
      ({ index, inode, nonblock, backlog }) =>
        `listener=${index},${inode},${nonblock ? 1 : 0},${backlog ?? -1}`,
    ),
    ...plan.listeners.flatMap(({ index, options }) =>
      options.map(({ level, name, value }) => `option=${index},${level},${name},${value}`),
    ),
    ...plan.signals.map((signal) => `signal=${signal}`),
    ...plan.after.map(({ kind, text }) => `after=${kind},${text}`),
    ...users.map((user) => `user=${user}`),
    ...plan.files.map(
      ({ path, user, flags, position, size, mtimeSec }) =>
        `file=${users.indexOf(userWords(user))},${flags},${position},${size ?? ''},${mtimeSec ?? ''},${path}`,
    ),
  ];
  return words.join(' ');
}

test('whatever the activator writes is understood as it was meant', async () => {
  // A path with a line break is understood, too, but its answer takes two lines of the probe.
  const oneLine = plans.filter(
    ({ release }) => !/[\n\r\u2028\u2029]/.test(`${release?.path ?? ''}${release?.target ?? ''}`),
  );
  await fc.assert(
    fc.asyncProperty(oneLine, async (plan) => {
      assert.equal(await parse(renderPlan(plan)), understood(plan));
    }),
    { numRuns: 500 },
  );
});

test('a plan that was cut short anywhere is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (plan, where) => {
        const bytes = Buffer.from(renderPlan(plan));
        assert.match(await parse(bytes.subarray(0, Math.floor(bytes.length * where))), /^refused \d+$/);
      },
    ),
    { numRuns: 500 },
  );
});

test('no bytes break the parser', async () => {
  const changed = fc
    .tuple(
      plans,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
    )
    .map(([plan, changes]) => {
      const bytes = Buffer.from(renderPlan(plan));
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
  const anything = fc.oneof(changed, fc.uint8Array({ maxLength: 200 }));
  await fc.assert(
    fc.asyncProperty(anything, async (bytes) => {
      assert.match(await parse(bytes), /^(taken|refused) /);
    }),
    { numRuns: 2000 },
  );
});

const plain: Plan = {
  application: 'web',
  snapshot: 'aaaaaaaaaaaa',
  configuration: '0123456789abcdef',
  kernel: '6.1',
  criu: { size: 1, mtimeSec: 2, doesWithout: false },
  release: undefined,
  pid: 2,
  pidFloor: 4096,
  stdout: 1,
  stderr: 2,
  isMapped: true,
  isForOnce: true,
  hasSeed: true,
  signals: [10],
  after: [{ kind: 'command', text: '/bin/x' }],
  listeners: [{ index: 0, inode: 3, nonblock: false, backlog: 4, options: [] }],
  files: [
    {
      path: '/srv/log',
      user: { uid: 1000, gid: 1000, groups: [4] },
      flags: 1,
      position: 5,
      size: 6,
      mtimeSec: undefined,
    },
  ],
  deadlineMs: 100,
};

for (const [what, from, to] of [
  ['a command that is looked for', 'after=command /bin/x', 'after=command x'],
  ['a request without a host', 'after=command /bin/x', 'after=request GET /'],
  ['an unknown sort of hook', 'after=command', 'after=prayer'],
  ['an unknown key', 'deadline-ms=100\n', 'deadline-ms=100\ncolour=red\n'],
  ['a key that stands twice', 'pid=2\n', 'pid=2\npid=2\n'],
  ['a missing key', 'kernel=6.1\n', ''],
  ['a number with a sign', 'deadline-ms=100', 'deadline-ms=+100'],
  ['a number that is too large', 'deadline-ms=100', 'deadline-ms=18446744073709551716'],
  ['a backlog of a listener that it does not have', 'backlog=0 4', 'backlog=1 4'],
  ['a root task that is init', 'pid=2\n', 'pid=1\n'],
  ['a floor below the root task', 'pid-floor=4096', 'pid-floor=2'],
  ['an ID that is a path', 'snapshot=aaaaaaaaaaaa', 'snapshot=../../../etc'],
  ['a release that is relative', 'pid=2\n', 'pid=2\nrelease=a /b\n'],
  ['a release with a NUL byte', 'pid=2\n', 'pid=2\nrelease=/a%00 /b\n'],
  ['a word behind criu that means nothing', 'criu=1:2\n', 'criu=1:2 other\n'],
  ['a blank behind criu and nothing else', 'criu=1:2\n', 'criu=1:2 \n'],
  ['a user without a group', 'user=1000 1000 4', 'user=1000'],
  ['a user that leaves the user unchanged', 'user=1000 ', 'user=4294967295 '],
  ['a group that is none', 'user=1000 1000 4', 'user=1000 1000 4,-1'],
  ['too many groups', 'user=1000 1000 4', `user=1000 1000 ${'4,'.repeat(64)}4`],
  ['too many users', 'user=1000 1000 4\n', 'user=1000 1000 4\n'.repeat(9)],
  ['a file of no user', 'file=0 ', 'file=1 '],
  [
    'a file before its user',
    'user=1000 1000 4\nfile=0 1 5 6 - /srv/log',
    'file=0 1 5 6 - /srv/log\nuser=1000 1000 4',
  ],
  ['a file that would be made', 'file=0 1 ', 'file=0 65 '],
  ['a file that would be cut', 'file=0 1 ', 'file=0 513 '],
  ['a file with a position that is none', 'file=0 1 5 ', 'file=0 1 - '],
  ['a file with a relative path', ' /srv/log', ' srv/log'],
  ['a file without a path', ' /srv/log', ''],
  ['a file with a NUL byte', ' /srv/log', ' /srv/log%00'],
  ['too many files', 'file=0 1 5 6 - /srv/log\n', 'file=0 1 5 6 - /srv/log\n'.repeat(513)],
  ['too many bytes of paths', 'file=0 1 5 6 - /srv/log\n', `file=0 1 5 6 - /${'x'.repeat(4000)}\n`.repeat(9)],
  ['a listener beyond the last possible', 'listener=0 3', 'listener=32 3'],
] as const) {
  test(`${what} makes a plan invalid`, async () => {
    const text = renderPlan(plain);
    assert.ok(text.includes(from));
    assert.match(await parse(text), /^taken /);
    assert.match(await parse(text.replace(from, to)), /^refused \d+$/);
  });
}
