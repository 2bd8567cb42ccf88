/** The texts that we read: configuration, plans, manifests, what the launcher says, and the answers of applications. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAnswer, noAnswer, statusOf } from '../../activator/bake/fastcgi-records.js';
import { readState } from '../../activator/control/control-reply.js';
import { buildIdIn } from '../../activator/files/build-id.js';
import { explain } from '../../activator/explain/explain.js';
import { readReport } from '../../activator/restore/outcome.js';
import { canonicalJson } from '../../activator/store/json-shape.js';
import { parsePlan, renderPlan } from '../../activator/store/plan.js';
import { readManifest } from '../../activator/store/read-manifest.js';
import { readIni } from '../../generator/config/ini-file.js';
import { applicationKeys } from '../../generator/config/keys.js';
import { readApplication } from '../../generator/config/read-application.js';
import { renderApplication } from '../../generator/render-application.js';
import { exampleManifest, examplePlan } from '../unit/store-example.js';
import { bytesTarget, type AnyTarget } from './target.js';
import { exampleSituation } from '../unit/explain-example.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function text(path: string): Buffer {
  return readFileSync(join(root, path));
}

const keyWords = applicationKeys.flatMap(({ section, name }) => [`\n[${section}]\n`, `\n${name}=`]);
const valueWords = [
  ...[
    'infinity',
    '99999999999999999999',
    '-1',
    '0x10',
    '1e9',
    '1y',
    '%n',
    '%%',
    '$',
    '\\x00',
    '"',
    "'",
    '..',
  ],
  ...['/dev/null', '~', '@', '[::]:80', '0', 'GET ', 'POST ', '{', '[', '"a":', ',', '}', ']', '__proto__'],
];

const configurations = ['django', 'node', 'php-fpm', 'rails', 'tomcat'].map((name) =>
  text(`units/examples/${name}.conf`),
);

/** Each is an error or a warning with a file, and a line where there is one; what was read is written as units. */
const configuration = bytesTarget(
  'configuration',
  configurations,
  [...keyWords, ...valueWords],
  [],
  (bytes) => {
    const lines = bytes.toString('utf8').split(/[\r\n]/).length;
    const file = readIni('/etc/grenadine/apps/web.conf', bytes.toString('utf8'));
    const read = readApplication('web', [file], { keep: 3 });
    for (const { file: where, line, message } of read.diagnostics) {
      assert.equal(where, '/etc/grenadine/apps/web.conf');
      assert.ok(line === undefined || (line >= 1 && line <= lines));
      assert.doesNotMatch(message, /[^\P{Cc}\t]/u);
    }
    if (read.kind === 'broken') return;
    for (const unit of renderApplication(read.application))
      // A line that is no setting, header, comment or blank would be one that a value has smuggled in.
      for (const line of unit.kind === 'file' ? unit.text.split('\n') : [])
        assert.match(line, /^(|#.*|\[(Unit|Service|Socket)\]|[A-Z][A-Za-z0-9]+=.*)$/u);
  },
);

const manifest = bytesTarget(
  'manifest',
  [Buffer.from(canonicalJson({ version: 1, ...exampleManifest }))],
  valueWords,
  ['manifest-invalid'],
  (bytes) => {
    readManifest(bytes.toString('utf8'));
  },
);

const plan = bytesTarget(
  'plan',
  [Buffer.from(renderPlan(examplePlan))],
  [...valueWords, '\nlistener=0 1', '\nfile=', '\nuser=0 0', '\nafter=command /a', '\noption=0 1 1 00'],
  ['plan-invalid'],
  (bytes) => {
    const read = parsePlan(bytes.toString('utf8'));
    assert.deepEqual(parsePlan(renderPlan(read)), read);
  },
);

const outcomes = [
  'how=restored\nsnapshot=0123456789ab\nanswer=plan\nrealtime-us=1\nstart-us=2\nready-us=3\nswitched=yes\n',
  "how=cold\nreason=restore-failed\ndetail=Error (a): Can't open file srv/a on restore: No\nfailed=0123456789ab restore-failed x\n",
  'how=kept\nreason=x\ndetail=y\nfailed=0123456789ab plan-invalid z\nafter-restore=w\n',
];

const outcome = bytesTarget(
  'outcome',
  outcomes.map((line) => Buffer.from(line)),
  [...valueWords, '\nfailed=', '\nhow='],
  [],
  (bytes) => {
    const pairs = bytes
      .toString('utf8')
      .split('\n')
      .map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf('=') + 1)] as const);
    const report = readReport(pairs);
    if (report === undefined || report.how === 'kept') return;
    explain({ ...exampleSituation, outcome: report });
    for (const us of Object.values(report.timingsUs)) assert.ok(Number.isSafeInteger(us) && us >= 0);
  },
);

const replies = [
  'ok how=bake init=4711 pid=2 stdout=101 stderr=102 listener=0,55,[::1]:40001 listener=2,57,/run/a%20b/2.sock asked=yes adopted=0 unnamed=77,[::]:9100 option=0,6,9,07000000',
  'error dump-failed criu exit 1',
];

const reply = bytesTarget(
  'reply',
  replies.map((line) => Buffer.from(line)),
  [...valueWords, ' listener=0,1,', ' option=0,', ' unnamed=1,'],
  // An error's code is the launcher's to choose.
  ['launcher-error', 'dump-failed'],
  (bytes) => {
    const line = bytes.toString('utf8');
    // Another code than those two is the launcher's good right.
    if (line.startsWith('error ') && !line.startsWith('error dump-failed ')) return;
    const state = readState(line);
    for (const { index, inode } of state.listeners)
      assert.ok(Number.isSafeInteger(index) && Number.isSafeInteger(inode));
    for (const index of state.adopted) assert.ok(Number.isSafeInteger(index));
  },
);

const program = readFileSync(process.execPath).subarray(0, 4096);

const buildId = bytesTarget('build-id', [program], [], [], (bytes) => {
  const found = buildIdIn(bytes);
  if (found !== undefined) assert.match(found, /^([0-9a-f]{2})*$/);
});

const fastcgi = bytesTarget(
  'fastcgi',
  [
    Buffer.from(
      '01060001001907005374617475733a203230300d0a0d0a68656c6c6f00000000000000000001030001000800000000000000000000',
      'hex',
    ),
    Buffer.from('010300010008000000000000000000000106000100050000616263', 'hex'),
  ],
  valueWords,
  [],
  (bytes) => {
    let answer = noAnswer;
    for (let at = 0; at < bytes.length; at += 7) answer = readAnswer(answer, bytes.subarray(at, at + 7));
    const status = statusOf(answer);
    assert.ok(status === undefined || Number.isSafeInteger(status));
  },
);

export const textTargets: readonly AnyTarget[] = [
  ...[configuration, manifest, plan, outcome, reply, buildId, fastcgi],
];
