// Rules of the configuration fingerprint: what makes a snapshot stale and what does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Application } from '../../generator/config/application.js';
import { fingerprintOf } from '../../generator/config/fingerprint.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';

const plain = '[Application]\nExecStart=/bin/a\nListenStream=80\nListenStream=81\nEnvironment=A=1\n';

function application(more: string, base = plain): Application {
  const read = readApplication('web', [readIni('web.conf', base + more)], { keep: 3 });
  assert.equal(read.kind, 'read');
  return read.application;
}

const fingerprint = (more: string, base?: string): string => fingerprintOf(application(more, base));

test('fingerprint: sixteen hex digits, the same each time', () => {
  assert.match(fingerprint(''), /^[0-9a-f]{16}$/);
  assert.equal(fingerprint(''), fingerprint(''));
});

test('fingerprint: spelling out a default changes nothing', () => {
  assert.equal(
    fingerprint('[Warmup]\nReadyPath=/\nReadyTimeoutSec=1min\n[Snapshot]\nEnable=true\n'),
    fingerprint(''),
  );
});

test('fingerprint: what people read and what is kept changes nothing', () => {
  assert.equal(fingerprint('Description=Shop\nSocketMode=0600\n[Release]\nKeep=9\n'), fingerprint(''));
});

test('fingerprint: when a release is deployed is the release’s to say', () => {
  assert.equal(
    fingerprint(
      '[Release]\nPath=/srv\nTrigger=tmp/restart.txt\nSettleSec=5\nOnPublish=wait\nPinUntil=deployment\n',
    ),
    fingerprint('[Release]\nPath=/srv\n'),
  );
});

test('fingerprint: everything that shapes the process changes it, each in its own way', () => {
  const changes = [
    'User=web',
    'Group=web',
    'WorkingDirectory=/srv',
    'Environment=B=2',
    'EnvironmentFile=/etc/default/web',
    'ListenStream=82',
    '[Release]\nPath=/srv',
    '[Warmup]\nReadyPath=/up',
    '[Warmup]\nReadyTimeoutSec=5',
    '[Warmup]\nHost=shop.example',
    '[Warmup]\nScriptFilename=/srv/index.php',
    '[Warmup]\nSend="PING\\r\\n"',
    '[Warmup]\nRequest=GET /a',
    '[Warmup]\nRepeat=3',
    '[Snapshot]\nEnable=no',
    '[Snapshot]\nGhostLimit=1M',
    '[Snapshot]\nMemory=copied',
    '[Snapshot]\nReuse=always',
    '[Snapshot]\nReuse=once',
    '[Snapshot]\nBeforeDump=SIGUSR1',
    '[Snapshot]\nAfterRestore=SIGUSR1',
    '[Snapshot]\nSeed=SIGUSR1',
    '[Snapshot]\nSeed=file',
    '[Snapshot]\nBeforeDump=GET /a',
    '[Snapshot]\nBeforeDump=POST /a',
    '[Snapshot]\nBeforeDump=/bin/a b c',
    '[Snapshot]\nBeforeDump=/bin/a "b c"',
    '[Snapshot]\nAfterRestore=/bin/a b',
    '[Snapshot]\nAfterRestore=GET /a',
  ];
  const all = ['', ...changes].map((more) => fingerprint(`${more}\n`));
  assert.equal(new Set(all).size, all.length);
});

test('fingerprint: the order of addresses counts', () => {
  const swapped = plain.replace(/=80\n(.*)=81\n/, '=81\n$1=80\n');
  assert.notEqual(fingerprint('', swapped), fingerprint(''));
});
