// The plan's text: what is rendered is read back, and what the launcher would refuse is refused here too.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parsePlan, pidFloor, renderPlan, type Plan } from '../../activator/store/plan.js';

const hex = (length: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const number = fc.nat({ max: 2 ** 31 - 1 });
/** deepEqual tells a null prototype from Object's. */
const plain = { noNullPrototype: true } as const;
const path = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });

const nobody = { uid: 65534, gid: 65534, groups: [] };

const option = fc.record(
  { level: number, name: number, value: fc.stringMatching(/^([0-9a-f]{2}){1,16}$/) },
  plain,
);
const listener = fc.record({
  inode: number,
  nonblock: fc.boolean(),
  backlog: fc.option(number, { nil: undefined }),
  options: fc.array(option, { maxLength: 3 }),
});

const user = fc.record({ uid: number, gid: number, groups: fc.array(number, { maxLength: 3 }) }, plain);
const file = fc.record(
  {
    path,
    flags: number,
    position: number,
    size: fc.option(number, { nil: undefined }),
    mtimeSec: fc.option(number, { nil: undefined }),
  },
  plain,
);
const files = fc
  .tuple(fc.array(user, { minLength: 1, maxLength: 8 }), fc.array(file, { maxLength: 8 }))
  .map(([users, list]) => list.map((one, at) => ({ ...one, user: users[at % users.length] ?? nobody })));

const plan: fc.Arbitrary<Plan> = fc.record(
  {
    application: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/),
    snapshot: hex(12),
    configuration: hex(16),
    kernel: fc.stringMatching(/^[a-z0-9.+_-]{1,30}$/),
    criu: fc.record({ size: number, mtimeSec: number, doesWithout: fc.boolean() }, plain),
    release: fc.option(fc.record({ path, target: path }, plain), { nil: undefined }),
    pid: number,
    pidFloor: number,
    stdout: fc.option(number, { nil: undefined }),
    stderr: fc.option(number, { nil: undefined }),
    isMapped: fc.boolean(),
    isForOnce: fc.boolean(),
    hasSeed: fc.boolean(),
    listeners: fc
      .array(listener, { maxLength: 4 })
      .map((list) => list.map((one, index) => ({ index, ...one }))),
    signals: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 3 }),
    after: fc.array(
      fc.record(
        { kind: fc.constantFrom('request', 'command'), text: fc.stringMatching(/^\/[ -~]{0,40}$/) },
        plain,
      ),
      { maxLength: 3 },
    ),
    files,
    deadlineMs: number,
  },
  plain,
);

const example: Plan = {
  application: 'web',
  snapshot: '0123456789ab',
  configuration: '0123456789abcdef',
  kernel: '6.12.0-1-amd64',
  criu: { size: 1648112, mtimeSec: 1753900000, doesWithout: true },
  release: { path: '/srv/my app/current', target: '/srv/my app/releases/100%' },
  pid: 2,
  pidFloor: 4096,
  stdout: 55,
  stderr: undefined,
  isMapped: false,
  isForOnce: false,
  hasSeed: false,
  listeners: [
    {
      index: 0,
      inode: 100,
      nonblock: true,
      backlog: 511,
      options: [{ level: 1, name: 9, value: '01000000' }],
    },
    { index: 2, inode: 102, nonblock: false, backlog: undefined, options: [] },
  ],
  signals: [1, 10],
  after: [
    { kind: 'command', text: '/usr/bin/notify a%20b  c' },
    { kind: 'request', text: 'POST /wake localhost' },
  ],
  files: [
    {
      path: '/srv/my app/log',
      user: { uid: 1000, gid: 1001, groups: [4, 24] },
      flags: 1025,
      position: 77,
      size: undefined,
      mtimeSec: undefined,
    },
    {
      path: '/srv/my app/library',
      user: { uid: 1000, gid: 1001, groups: [4, 24] },
      flags: 0,
      position: 0,
      size: 4096,
      mtimeSec: 1753900000,
    },
    {
      path: '/srv/root',
      user: { uid: 0, gid: 0, groups: [] },
      flags: 0,
      position: 0,
      size: 1,
      mtimeSec: undefined,
    },
  ],
  deadlineMs: 3000,
};

describe('a plan', () => {
  test('is these lines', () => {
    assert.equal(
      renderPlan(example),
      [
        'grenadine-plan=1',
        'application=web',
        'snapshot=0123456789ab',
        'configuration=0123456789abcdef',
        'kernel=6.12.0-1-amd64',
        'criu=1648112:1753900000 uncalled',
        'release=/srv/my%20app/current /srv/my%20app/releases/100%25',
        'pid=2',
        'pid-floor=4096',
        'stdout=55',
        'listener=0 100 nonblock',
        'listener=2 102',
        'backlog=0 511',
        'option=0 1 9 01000000',
        'signal=1',
        'signal=10',
        'after=command /usr/bin/notify a%20b  c',
        'after=request POST /wake localhost',
        'user=1000 1001 4,24',
        'user=0 0',
        'file=0 1025 77 - - /srv/my%20app/log',
        'file=0 0 0 4096 1753900000 /srv/my%20app/library',
        'file=1 0 0 1 - /srv/root',
        'deadline-ms=3000',
        '',
      ].join('\n'),
    );
  });

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(plan, (original) => {
        assert.deepEqual(parsePlan(renderPlan(original)), original);
      }),
    );
  });

  const refused: readonly (readonly [rule: string, text: string])[] = [
    ['of another version', renderPlan(example).replace('plan=1', 'plan=2')],
    ['with an unknown key', renderPlan(example).replace('pid=2', 'pit=2')],
    ['with a key twice', renderPlan(example).replace('pid=2', 'pid=2\npid=3')],
    ['without a key it needs', renderPlan(example).replace('deadline-ms=3000\n', '')],
    ['with a bad number', renderPlan(example).replace('pid=2', 'pid=-2')],
    ['that names a listener twice', renderPlan(example).replace('listener=2 ', 'listener=0 ')],
    ['that gives a backlog to no listener', renderPlan(example).replace('backlog=0', 'backlog=1')],
    ['that ends inside a line', renderPlan(example).trimEnd()],
    ['that opens a file for no user', renderPlan(example).replace('file=1 0', 'file=2 0')],
    ['with a broken escape', renderPlan(example).replace('%25', '%2')],
  ];
  for (const [rule, text] of refused) {
    test(`${rule} is refused`, () => {
      assert.throws(() => parsePlan(text), { code: 'plan-invalid' });
    });
  }

  test('never holds a value that would break its line', () => {
    assert.throws(() => renderPlan({ ...example, kernel: 'a\npid=1' }), { code: 'plan-invalid' });
  });
});

test('criu starts above every pid of the snapshot, and never below 4096', () => {
  assert.equal(pidFloor(2), 4096);
  fc.assert(
    fc.property(fc.nat({ max: 4_000_000 }), (pid) => {
      assert.ok(pidFloor(pid) > pid);
    }),
  );
});
