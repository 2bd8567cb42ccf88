// What launchers say of starts is taken in late, and another start may have been made by then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApplications } from '../../activator/applications.js';
import { readReport } from '../../activator/restore/outcome.js';
import { createStarts } from '../../activator/starts.js';
import { openStore } from '../../activator/store/store.js';
import { readIni } from '../../generator/config/ini-file.js';
import { readApplication } from '../../generator/config/read-application.js';

test('a start that is remembered late does not take the place of a newer one', async () => {
  const ini = '[Application]\nExecStart=/bin/a\nListenStream=80\n';
  const read = readApplication('web', [readIni('web.conf', ini)], { keep: 3 });
  assert.equal(read.kind, 'read');
  const applications = createApplications();
  applications.replaceConfiguration([read.application]);
  const silent = (): void => undefined;
  const log = { info: silent, warning: silent, error: silent };
  const systemd = { state: () => Promise.reject(new Error('nobody asks')) };
  const starts = createStarts({ applications, systemd, store: openStore('/nonexistent'), log });
  const [first, second] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'].map((snapshot) =>
    readReport([
      ['how', 'restored'],
      ['snapshot', snapshot],
    ]),
  );
  assert.ok(first !== undefined && second !== undefined);
  starts.arrived('web', first);
  starts.arrived('web', second);
  await starts.remember('web', first);
  assert.equal(applications.get('web').outcome?.snapshot, 'bbbbbbbbbbbb');
});
