// Who may replace an entry of a directory, and put a link in its place: by owners and modes alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReplaceable, type EntryFacts } from '../../activator/files/exposed.js';

const facts = (uid: number, mode: number): EntryFacts => ({ uid, mode, mtimeSec: 0 });
const ofRoot = facts(0, 0o100644);
const ofUser = facts(1000, 0o100644);

for (const [rule, directory, entry, expected] of [
  ['a directory of root’s that only root may write to keeps its entries', facts(0, 0o40755), ofUser, false],
  ['the owner of a directory may replace what is root’s', facts(1000, 0o40755), ofRoot, true],
  [
    'so may the owner of a directory without the right to write, who can give it back',
    facts(1000, 0o40555),
    ofRoot,
    true,
  ],
  ['so may a group that may write', facts(0, 0o40775), ofRoot, true],
  ['so may others that may write', facts(0, 0o40757), ofRoot, true],
  ['the sticky bit keeps what is root’s', facts(0, 0o41777), ofRoot, false],
  ['the sticky bit does not keep it from its own owner', facts(0, 0o41777), ofUser, true],
  ['the sticky bit keeps nothing from the owner of the directory', facts(1000, 0o41777), ofRoot, true],
  ['what is not there may be made', facts(0, 0o40755), undefined, true],
  ['what has no directory was seen elsewhere', undefined, undefined, true],
] as const) {
  test(rule, () => {
    assert.equal(isReplaceable(directory, entry), expected);
  });
}
