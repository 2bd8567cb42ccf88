// What the daemon logs: entries with fields where they are taken, else lines with a level.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalLog, type Log } from '../../activator/log.js';
import { messageIds } from '../../activator/message-ids.js';

function record(isTaken: boolean): { log: Log; lines: string[]; entries: Record<string, string>[] } {
  const lines: string[] = [];
  const entries: Record<string, string>[] = [];
  const log = journalLog(
    (text) => lines.push(text),
    (fields) => {
      if (isTaken) entries.push(Object.fromEntries(fields));
      return isTaken;
    },
  );
  return { log, lines, entries };
}

test('a happening becomes an entry with its id and what it is about', () => {
  const { log, lines, entries } = record(true);
  log.info('web: published', { kind: 'published', application: 'web', snapshot: 'aaaaaaaaaaaa' });
  assert.deepEqual(lines, []);
  assert.deepEqual(entries, [
    {
      MESSAGE: 'web: published',
      MESSAGE_ID: messageIds.published,
      PRIORITY: '6',
      SYSLOG_IDENTIFIER: 'grenadine-activator',
      OBJECT_SYSTEMD_UNIT: 'web.service',
      GRENADINE_APPLICATION: 'web',
      GRENADINE_SNAPSHOT: 'aaaaaaaaaaaa',
    },
  ]);
});

test('a happening that nobody takes is a line, as is whatever is none', () => {
  const { log, lines } = record(false);
  log.error('web: no snapshot was made', { kind: 'bake-failed', application: 'web', reason: 'not-ready' });
  log.warning('something');
  assert.deepEqual(lines, ['<3>web: no snapshot was made\n', '<4>something\n']);
});

test('no text breaks out of its line or its field', () => {
  const taken = record(true);
  taken.log.info('one\nMESSAGE_ID=two', { kind: 'host-changed' });
  assert.equal(taken.entries[0]?.['MESSAGE'], 'one MESSAGE_ID=two');
  const refused = record(false);
  refused.log.info('one\n<0>two');
  assert.deepEqual(refused.lines, ['<6>one <0>two\n']);
});
