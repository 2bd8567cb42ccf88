// What `grenadine doctor NAME` makes of a dump: small images in, rows out. And of what ss(8) tells of UNIX sockets.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderExamination } from '../../activator/cli/doctor.js';
import { survey, type SurveyImages } from '../../activator/doctor/survey.js';
import { outsideConnections } from '../../activator/doctor/unix-peers.js';
import type { ImageFile } from '../../activator/images/image-file.js';
import {
  core,
  fdType,
  fileEntry,
  inetSk,
  inotifyFile,
  pstree,
  regFile,
  remap,
  remapGhost,
  taskCore,
  taskTimers,
  unixSk,
} from '../../activator/images/schema.js';
import { bytesField, encodeMessage, uintField, type Message } from '../../activator/images/wire.js';

const inside = (field: number, message: Message) => bytesField(field, encodeMessage(message));
const words = (field: number, text: string) => bytesField(field, Buffer.from(text));
const file = (type: number, id: number, ...more: Message): Message => [
  uintField(fileEntry.type, type),
  uintField(fileEntry.id, id),
  ...more,
];

/** 127.0.0.1 as it lies in memory, read as a little-endian number. */
const localhost = 0x0100007f;

function tcp(ino: number, state: number, port: number, peerPort = 0): Message {
  return file(
    fdType.INETSK,
    ino,
    inside(fileEntry.isk, [
      uintField(inetSk.ino, ino),
      uintField(inetSk.family, 2),
      uintField(inetSk.type, 1),
      uintField(inetSk.state, state),
      uintField(inetSk.src_port, port),
      uintField(inetSk.dst_port, peerPort),
      uintField(inetSk.src_addr, localhost),
      uintField(inetSk.dst_addr, localhost),
    ]),
  );
}

function unix(ino: number, state: number, name: string, peer = 0): Message {
  const socket = [
    uintField(unixSk.ino, ino),
    uintField(unixSk.state, state),
    uintField(unixSk.peer, peer),
    words(unixSk.name, name),
  ];
  return file(fdType.UNIXSK, ino, inside(fileEntry.usk, socket));
}

function regular(id: number, path: string, flags: number, size = 100): Message {
  const record = [
    uintField(regFile.id, id),
    uintField(regFile.flags, flags),
    words(regFile.name, path),
    uintField(regFile.size, size),
  ];
  return file(fdType.REG, id, inside(fileEntry.reg, record));
}

const process = {
  kind: 'pstree',
  entries: [[2, 0, 2, 2].map((value, at) => uintField(at + 1, value))].map((entry) => [
    ...entry,
    uintField(pstree.threads, 2),
    uintField(pstree.threads, 3),
  ]),
} as const satisfies ImageFile;
const task = inside(core.tc, [
  words(taskCore.comm, 'web'),
  inside(taskCore.timers, [inside(taskTimers.posix, []), inside(taskTimers.posix, [])]),
]);

function images(entries: readonly Message[], more: Partial<SurveyImages> = {}): SurveyImages {
  return {
    files: { kind: 'files', entries },
    fdinfos: new Map(),
    mms: [],
    pstree: process,
    cores: new Map([['core-2.img', { kind: 'core', entries: [[task]] }]]),
    ids: new Map(),
    remaps: undefined,
    locks: undefined,
    seccomp: undefined,
    ...more,
  };
}

const passed = { inode: 7, stream: '127.0.0.1:3000', isAdopted: false };

/** HOLDS WHAT RESULT of those rows whose HOLDS is one of `holds`. */
function rows(found: SurveyImages, ...holds: readonly string[]): readonly string[] {
  return survey(found, {
    listening: [passed],
    unnamed: [{ inode: 8, address: '0.0.0.0:9229' }],
    ghostLimitBytes: 65536,
  })
    .filter((row) => holds.includes(row.holds))
    .map((row) => `${row.holds} ${row.what} ${row.result}`);
}

describe('of a dump', () => {
  test('each process is a row, with its threads and its timers', () => {
    assert.deepEqual(rows(images([]), 'process', 'timer'), ['process 2 web, 2 threads ok', 'timer 2 ok']);
  });

  test('a passed listener serves its ListenStream=, and one that is not held is told', () => {
    assert.deepEqual(rows(images([tcp(7, 10, 41234)]), 'listener'), [
      'listener ListenStream=127.0.0.1:3000 ok',
    ]);
    assert.deepEqual(rows(images([]), 'listener'), ['listener ListenStream=127.0.0.1:3000 advice']);
  });

  test('a listener says whether the application was passed it or has bound it', () => {
    const handling = (isAdopted: boolean): string | undefined => {
      const context = { listening: [{ ...passed, isAdopted }], unnamed: [], ghostLimitBytes: 0 };
      return survey(images([tcp(7, 10, 41234)]), context).find(({ holds }) => holds === 'listener')?.handling;
    };
    assert.match(handling(false) ?? '', /^passed to the application: /);
    assert.match(handling(true) ?? '', /^bound by the application: /);
  });

  test('a TCP listener of its own is an obstacle, one of UNIX is not', () => {
    const found = images([tcp(7, 10, 1), tcp(8, 10, 40001), unix(9, 10, '/run/web.sock')]);
    assert.deepEqual(rows(found, 'listener').slice(1), [
      'listener 0.0.0.0:9229 failed',
      'listener /run/web.sock ok',
    ]);
  });

  test('UNIX sockets that are connected to each other are counted, one that was shut down is not', () => {
    const found = images([unix(10, 1, '', 11), unix(11, 1, '', 10), unix(12, 7, '')]);
    assert.deepEqual(rows(found, 'UNIX socket'), ['UNIX socket 2 ends ok']);
  });

  test('an established connection is a row with both its ends', () => {
    assert.deepEqual(rows(images([tcp(8, 1, 50000, 5432)]), 'TCP connection'), [
      'TCP connection 127.0.0.1:50000 to 127.0.0.1:5432 ok',
    ]);
  });

  test('files are told by use, and a deleted one with its size', () => {
    const deleted = [
      uintField(remap.orig_id, 3),
      uintField(remap.remap_id, 1),
      uintField(remap.remap_type, remapGhost),
    ];
    const found = images(
      [regular(1, '/etc/hosts', 0), regular(2, '/var/log/web', 1), regular(3, '/tmp/x', 2, 10_240)],
      { remaps: { kind: 'remap-fpath', entries: [deleted] } },
    );
    assert.deepEqual(rows(found, 'file', 'written file', 'deleted file'), [
      'file 1 file ok',
      'written file /var/log/web ok',
      'deleted file /tmp/x, 10 KiB ok',
    ]);
  });

  test('watches, locks and what else only counts are counted', () => {
    const watch = [inside(inotifyFile.wd, []), inside(inotifyFile.wd, [])];
    const found = images(
      [
        file(fdType.INOTIFY, 1, inside(fileEntry.ify, watch)),
        file(fdType.EVENTFD, 2),
        file(fdType.EVENTFD, 3),
      ],
      { locks: { kind: 'filelocks', entries: [[]] } },
    );
    assert.deepEqual(rows(found, 'inotify', 'lock', 'eventfd', 'epoll'), [
      'inotify 2 watches ok',
      'lock 1 ok',
      'eventfd 2 ok',
    ]);
  });
});

test('a UNIX connection leads outside if no process of the tree has its other end', () => {
  const told = `u_str ESTAB  0 0   * 100 * 101
u_str ESTAB  0 0   * 101 * 100
u_str ESTAB  0 0   * 200 * 201
u_str ESTAB  0 0   /run/postgresql/.s.PGSQL.5432 201 * 200
u_str ESTAB  0 0   * 300 /run/with blank.sock 301
u_dgr UNCONN 0 0   * 400 * 0
u_str LISTEN 0 128 /run/web.sock 500 * 0
u_str ESTAB  0 0   * 600 * 601
u_str ESTAB  0 0   * 602 * 603
u_dgr ESTAB  0 0   * 700 /run/systemd/journal/dev-log 701
`;
  assert.deepEqual(outsideConnections(told, new Set([100, 101, 200, 300, 400, 500, 600, 602, 700])), [
    { peer: '/run/postgresql/.s.PGSQL.5432', isDatagram: false, count: 1 },
    { peer: '/run/with blank.sock', isDatagram: false, count: 1 },
    { peer: 'a socket without a name', isDatagram: false, count: 2 },
    { peer: '/run/systemd/journal/dev-log', isDatagram: true, count: 1 },
  ]);
});

test('an examination is a table, and below it what to do', () => {
  const failed = { holds: 'dump', what: '', result: 'failed', handling: 'no', advice: 'do it' };
  const fine = { holds: 'pipe', what: '2', result: 'ok', handling: 'yes', advice: '' };
  assert.equal(
    renderExamination([fine, failed]),
    'HOLDS  WHAT  RESULT  HANDLING\npipe   2     ok      yes\ndump   -     failed  no\n\ndump: do it.\n',
  );
});
