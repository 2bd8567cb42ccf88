// What is said of a snapshot that is taken out of service, and of one that could not be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApplications } from '../../activator/applications.js';
import type { SetAside } from '../../activator/explain/situation.js';
import { setAside } from '../../activator/set-aside.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';

const failed = { id: 'aaaaaaaaaaaa', code: 'restore-failed', why: 'criu was ended by SIGABRT' };

/** Answers what the journal was told, and what is known of the application. */
async function said(quarantine: () => Promise<void>): Promise<readonly [string, SetAside | undefined]> {
  const ini = '[Application]\nExecStart=/bin/a\nListenStream=80\n';
  const read = readApplication('web', [readIni('web.conf', ini)], { keep: 3 });
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  const told: string[] = [];
  const say =
    (level: string) =>
    (message: string): void => {
      told.push(`${level}: ${message}`);
    };
  const log = { info: say('info'), warning: say('warning'), error: say('error') };
  await setAside({ applications, store: { quarantine }, log }, 'web', failed);
  return [told.join('\n'), applications.get('web').setAside];
}

test('a snapshot that was set aside is known with the code and the reason', async () => {
  assert.deepEqual(await said(() => Promise.resolve()), [
    'warning: web: snapshot aaaaaaaaaaaa was set aside (restore-failed): criu was ended by SIGABRT',
    { snapshot: 'aaaaaaaaaaaa', code: 'restore-failed', text: 'criu was ended by SIGABRT', failure: '' },
  ]);
});

test('one that could not be is not said to be, and the state knows why', async () => {
  const [journal, known] = await said(() => Promise.reject(new Error('EROFS: read-only file system')));
  assert.match(journal, /^error: web: snapshot aaaaaaaaaaaa may not serve \(restore-failed\): .*EROFS/);
  assert.match(known?.failure ?? '', /EROFS/);
});
