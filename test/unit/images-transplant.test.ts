// The transplant and the loosening, on small images made here after what CRIU 4.2 writes.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImageFile } from '../../activator/images/image-file.js';
import { inspectDump } from '../../activator/images/inspect.js';
import { loosenFiles } from '../../activator/images/loosen-files.js';
import {
  core,
  fdinfoEntry,
  fdType,
  fileEntry,
  inetSk,
  mm,
  pipe,
  pstree,
  regFile,
  skOpts,
  taskCore,
  taskIds,
  tcpOpts,
  unixSk,
  vma,
  vmaStatus,
} from '../../activator/images/schema.js';
import type { UnnamedSockets } from '../../activator/images/foreign-socket.js';
import { transplant, type FileImages } from '../../activator/images/transplant.js';
import {
  bytesField,
  encodeMessage,
  getBytes,
  getField,
  getMessage,
  getText,
  getUint,
  removeFields,
  uintField,
  type Message,
  type RawField,
} from '../../activator/images/wire.js';

const O_RDWR_NONBLOCK = 0o4002;
const unknownField = uintField(99, 7);
const fown = encodeMessage([1, 2, 3, 4, 5].map((number) => uintField(number, 0)));
const text = (number: number, value: string): RawField => bytesField(number, Buffer.from(value));
const nested = (number: number, value: Message): RawField => bytesField(number, encodeMessage(value));

function fileRecord(id: number, type: number, field: number, record: Message): Message {
  return [uintField(fileEntry.type, type), uintField(fileEntry.id, id), nested(field, record), unknownField];
}

function inetRecord(
  id: number,
  change: { readonly ino: number; readonly state?: number; readonly family?: number },
): Message {
  const address = change.family === 10 ? [0, 0, 0, 0x01000000] : [0x0100007f];
  return fileRecord(id, fdType.INETSK, fileEntry.isk, [
    uintField(inetSk.id, id),
    uintField(inetSk.ino, change.ino),
    uintField(inetSk.family, change.family ?? 2),
    uintField(inetSk.type, 1),
    uintField(inetSk.proto, 6),
    uintField(inetSk.state, change.state ?? 10),
    uintField(inetSk.src_port, 4711),
    uintField(inetSk.flags, O_RDWR_NONBLOCK),
    uintField(inetSk.backlog, 511),
    ...address.map((word) => uintField(inetSk.src_addr, word)),
    bytesField(inetSk.fown, fown),
    nested(inetSk.opts, [
      uintField(skOpts.so_sndbuf, 16384),
      uintField(skOpts.so_rcvbuf, 400_000),
      uintField(skOpts.so_rcvlowat, 1),
      uintField(skOpts.so_keepalive, 1),
      uintField(skOpts.so_buf_lock, 2),
      uintField(skOpts.so_rcv_tmo_sec, 3),
      uintField(skOpts.so_rcv_tmo_usec, 0),
    ]),
    ...(change.family === 10 ? [uintField(inetSk.v6only, 1)] : []),
    uintField(inetSk.ns_id, 9),
    nested(inetSk.tcp_opts, [
      uintField(tcpOpts.keepcnt, 9),
      uintField(tcpOpts.keepidle, 60),
      uintField(tcpOpts.nodelay, 1),
    ]),
  ]);
}

function unixRecord(id: number, ino: number): Message {
  return fileRecord(id, fdType.UNIXSK, fileEntry.usk, [
    uintField(unixSk.id, id),
    uintField(unixSk.ino, ino),
    uintField(unixSk.type, 1),
    uintField(unixSk.state, 10),
    uintField(unixSk.flags, 2),
    uintField(unixSk.uflags, 0),
    uintField(unixSk.backlog, 64),
    uintField(unixSk.peer, 0),
    bytesField(unixSk.fown, fown),
    bytesField(unixSk.opts, new Uint8Array()),
    text(unixSk.name, '/run/scratch.sock\0'),
    nested(unixSk.file_perms, [uintField(1, 0o600)]),
    text(unixSk.name_dir, '/srv'),
    uintField(unixSk.deleted, 1),
    unknownField,
  ]);
}

function descriptor(fd: number, id: number, type: number): Message {
  return [
    uintField(1, id),
    uintField(2, 0),
    uintField(fdinfoEntry.type, type),
    uintField(fdinfoEntry.fd, fd),
    unknownField,
  ];
}

function fileImages(entries: readonly Message[], descriptors: readonly Message[] = []): FileImages {
  return {
    files: { kind: 'files', entries },
    fdinfos: new Map<string, ImageFile>([['fdinfo-2.img', { kind: 'fdinfo', entries: descriptors }]]),
  };
}

function onlyEntry(image: ImageFile): Message {
  const [entry] = image.entries;
  assert.ok(entry);
  return entry;
}

describe('a passed TCP listener', () => {
  const moved = transplant(
    fileImages(
      [inetRecord(5, { ino: 100 })],
      [descriptor(3, 5, fdType.INETSK), descriptor(4, 6, fdType.INETSK)],
    ),
    [{ index: 0, inode: 100 }],
    undefined,
  );
  const entry = onlyEntry(moved.files);
  const socket = getMessage(entry, fileEntry.usk) ?? [];

  test('becomes a nameless listening UNIX stream socket of the same id and inode', () => {
    assert.equal(getUint(entry, fileEntry.type), fdType.UNIXSK);
    assert.equal(getUint(entry, fileEntry.id), 5);
    assert.equal(getField(entry, fileEntry.isk), undefined);
    const numbers = [
      unixSk.id,
      unixSk.ino,
      unixSk.type,
      unixSk.state,
      unixSk.flags,
      unixSk.uflags,
      unixSk.backlog,
      unixSk.peer,
    ];
    assert.deepEqual(
      [...numbers, unixSk.ns_id].map((number) => getUint(socket, number)),
      [5, 100, 1, 10, O_RDWR_NONBLOCK, 0, 511, 0, 9],
    );
    assert.equal(getText(socket, unixSk.name), '');
    assert.deepEqual(getBytes(socket, unixSk.fown), fown);
  });

  test('keeps the unknown fields of its file entry', () => {
    assert.deepEqual(getField(entry, 99), unknownField);
  });

  test('takes its descriptors along and no others', () => {
    const types = moved.fdinfos.get('fdinfo-2.img')?.entries.map((one) => getUint(one, fdinfoEntry.type));
    assert.deepEqual(types, [fdType.UNIXSK, fdType.INETSK]);
  });

  test('is reported with backlog, O_NONBLOCK and the options that differ from a fresh socket', () => {
    assert.deepEqual(moved.listeners, [
      {
        index: 0,
        inode: 100,
        family: 'inet',
        address: '127.0.0.1:4711',
        backlog: 511,
        nonblock: true,
        v6only: undefined,
        options: [
          { level: 1, name: 9, value: '01000000' },
          { level: 1, name: 33, value: '400d0300' },
          { level: 1, name: 20, value: '03000000000000000000000000000000' },
          { level: 6, name: 1, value: '01000000' },
          { level: 6, name: 4, value: '3c000000' },
        ],
      },
    ]);
  });

  test('of IPv6 says its address and whether it is IPv6 only', () => {
    const images = fileImages([inetRecord(5, { ino: 100, family: 10 })]);
    const [listener] = transplant(images, [{ index: 3, inode: 100 }], undefined).listeners;
    assert.deepEqual([listener?.family, listener?.address, listener?.v6only], ['inet6', '[::1]:4711', true]);
  });

  test('that the application shut down is listener-shut', () => {
    const images = fileImages([inetRecord(5, { ino: 100, state: 7 })]);
    assert.throws(() => transplant(images, [{ index: 0, inode: 100 }], undefined), { code: 'listener-shut' });
  });

  test('that the application closed is left out', () => {
    assert.deepEqual(transplant(fileImages([]), [{ index: 0, inode: 100 }], undefined).listeners, []);
  });
});

describe('another socket', () => {
  const foreign = (state: number, unnamed: UnnamedSockets, message: RegExp): void => {
    const images = fileImages([inetRecord(5, { ino: 7, state })]);
    assert.throws(() => transplant(images, [{ index: 0, inode: 100 }], unnamed), {
      code: 'foreign-listener',
      message,
    });
  };
  const metrics = [{ inode: 7, address: '127.0.0.1:9100' }];

  test('that listens where no ListenStream= is is foreign-listener, and the message has the line to add', () => {
    foreign(10, undefined, /listens on 127\.0\.0\.1:4711, .*add ListenStream=127\.0\.0\.1:4711,/);
  });

  test('that has another port in a bake is called by the one that the application asked for', () => {
    foreign(10, metrics, /listens on 127\.0\.0\.1:9100, .*add ListenStream=127\.0\.0\.1:9100,/);
    foreign(7, metrics, /has bound 127\.0\.0\.1:9100, /);
  });

  test('that listens on a port which the application has not asked for has no line to add', () => {
    foreign(10, [], /listens on 127\.0\.0\.1:4711, a port that the kernel has chosen: have it take a port/);
  });

  test('that is connected stays as it is', () => {
    const images = fileImages([inetRecord(5, { ino: 7, state: 1 })], [descriptor(9, 5, fdType.INETSK)]);
    for (const unnamed of [undefined, metrics])
      assert.deepEqual(transplant(images, [], unnamed), { ...images, listeners: [] });
  });

  test('of UNIX that was not passed stays as it is', () => {
    const images = fileImages([unixRecord(5, 7)]);
    assert.deepEqual(transplant(images, [], undefined).files, images.files);
  });
});

test('a passed UNIX listener loses all that would make CRIU touch its socket file, and nothing else', () => {
  const moved = transplant(fileImages([unixRecord(5, 100)]), [{ index: 1, inode: 100 }], undefined);
  const socket = getMessage(onlyEntry(moved.files), fileEntry.usk) ?? [];
  const original = getMessage(unixRecord(5, 100), fileEntry.usk) ?? [];
  const cleared = [unixSk.name, unixSk.file_perms, unixSk.name_dir, unixSk.deleted];
  assert.deepEqual(removeFields(socket, ...cleared), removeFields(original, ...cleared));
  assert.deepEqual(
    cleared.map((number) => getBytes(socket, number)?.length),
    [0, undefined, undefined, undefined],
  );
  assert.equal(getField(socket, unixSk.deleted), undefined);
  const [listener] = moved.listeners;
  assert.deepEqual(
    [listener?.address, listener?.backlog, listener?.nonblock],
    ['/run/scratch.sock', 64, false],
  );
});

function regular(id: number, path: string, flags: number, mode = 0o100644): Message {
  return fileRecord(id, fdType.REG, fileEntry.reg, [
    uintField(regFile.id, id),
    uintField(regFile.flags, flags),
    text(regFile.name, path),
    uintField(regFile.size, 8192),
    uintField(regFile.mode, mode),
    unknownField,
  ]);
}

function memory(
  executable: number,
  areas: readonly (readonly [id: number, status: number, fdflags: number])[],
): ImageFile {
  const vmas = areas.map(([id, status, fdflags]) =>
    nested(mm.vmas, [
      uintField(vma.start, 0x7f0000000000),
      uintField(vma.end, 0x7f0000001000),
      uintField(vma.pgoff, 0x1000),
      uintField(vma.shmid, id),
      uintField(vma.status, status),
      uintField(vma.fdflags, fdflags),
    ]),
  );
  return { kind: 'mm', entries: [[uintField(mm.exe_file_id, executable), ...vmas]] };
}

describe('what CRIU expects of a file', () => {
  const loosened = (files: readonly Message[], mms: readonly ImageFile[] = []): readonly string[] =>
    loosenFiles({ kind: 'files', entries: files }, mms).paths;

  test('is dropped when it is open for writing, size and mode and nothing else', () => {
    const original = regular(1, '/srv/db', 2);
    const { files } = loosenFiles({ kind: 'files', entries: [original] }, []);
    const record = getMessage(onlyEntry(files), fileEntry.reg) ?? [];
    assert.deepEqual(
      record,
      removeFields(getMessage(original, fileEntry.reg) ?? [], regFile.size, regFile.mode),
    );
    assert.deepEqual(getField(onlyEntry(files), 99), unknownField);
  });

  test('is dropped for a read-only descriptor of a file that is written through another', () => {
    assert.deepEqual(
      loosened([regular(1, '/srv/db', 2), regular(2, '/srv/db', 0), regular(3, '/srv/other', 0)]),
      ['/srv/db'],
    );
  });

  test('is dropped for a shared mapping of a description that may write', () => {
    assert.deepEqual(loosened([regular(1, '/srv/db', 0)], [memory(9, [[1, 1 | vmaStatus.FILE_SHARED, 2]])]), [
      '/srv/db',
    ]);
  });

  test('is kept for a shared mapping that is only read, and for what is only read', () => {
    assert.deepEqual(
      loosened([regular(1, '/a', 0), regular(2, '/b', 0)], [memory(9, [[1, 1 | vmaStatus.FILE_SHARED, 0]])]),
      [],
    );
  });

  test('is kept for a private mapping and for the executable, even of a file that is written', () => {
    const files = [regular(1, '/lib.so', 0), regular(2, '/lib.so', 2), regular(3, '/bin/app', 2)];
    const { files: image } = loosenFiles({ kind: 'files', entries: files }, [
      memory(3, [[1, 1 | vmaStatus.FILE_PRIVATE, 0]]),
    ]);
    const sizes = image.entries.map((entry) => getUint(getMessage(entry, fileEntry.reg) ?? [], regFile.size));
    assert.deepEqual(sizes, [8192, undefined, 8192]);
  });

  test('is kept for a device', () => {
    assert.deepEqual(loosened([regular(1, '/dev/null', 2, 0o020666)]), []);
  });
});

test('a dump tells its processes, its largest number, its pipes and its files', () => {
  const process = (pid: number, parent: number, threads: readonly number[]): Message => [
    uintField(pstree.pid, pid),
    uintField(pstree.ppid, parent),
    uintField(pstree.pgid, 2),
    uintField(pstree.sid, 2),
    ...threads.map((thread) => uintField(pstree.threads, thread)),
  ];
  const pipeRecord = (id: number, ino: number): Message =>
    fileRecord(id, fdType.PIPE, fileEntry.pipe, [uintField(pipe.id, id), uintField(pipe.pipe_id, ino)]);
  const descriptors = [
    descriptor(0, 1, fdType.REG),
    descriptor(1, 7, fdType.PIPE),
    descriptor(2, 1, fdType.REG),
  ];
  const facts = inspectDump({
    files: { kind: 'files', entries: [pipeRecord(7, 555), pipeRecord(8, 556), regular(1, '/srv/log', 1)] },
    fdinfos: new Map<string, ImageFile>([['fdinfo-4.img', { kind: 'fdinfo', entries: descriptors }]]),
    mms: [],
    pstree: { kind: 'pstree', entries: [process(2, 0, [2, 31]), process(9, 2, [9])] },
    cores: new Map<string, ImageFile>([
      ['core-2.img', { kind: 'core', entries: [[nested(core.tc, [text(taskCore.comm, 'node')])]] }],
    ]),
    ids: new Map<string, ImageFile>([
      ['ids-2.img', { kind: 'ids', entries: [[uintField(taskIds.files_id, 4)]] }],
    ]),
  });
  assert.deepEqual(facts, {
    rootPid: 2,
    maxPid: 31,
    processes: [
      { pid: 2, parent: 0, comm: 'node', threads: 2 },
      { pid: 9, parent: 2, comm: '', threads: 1 },
    ],
    stdout: 555,
    stderr: undefined,
    pipes: [555, 556],
    files: [{ path: '/srv/log', use: 'written', size: 8192, buildId: undefined, mappedEnd: undefined }],
    code: [],
    hasUninherited: false,
    memoryFiles: [],
  });
});

test('the largest number of a dump is no matter of what CRIU leaves of a zombie’s thread', () => {
  const process = (pid: number, ...threads: readonly number[]): Message => [
    ...[pstree.pid, pstree.pgid, pstree.sid].map((field) => uintField(field, pid)),
    ...threads.map((thread) => uintField(pstree.threads, thread)),
  ];
  const { maxPid } = inspectDump({
    files: { kind: 'files', entries: [] },
    fdinfos: new Map(),
    mms: [],
    pstree: { kind: 'pstree', entries: [process(2, 2, 4), process(5, 3821620000)] },
    cores: new Map(),
    ids: new Map(),
  });
  assert.equal(maxPid, 5);
});

test('a dump tells whose code runs, and names files of memory apart from the host’s', () => {
  const area = (shmid: number, prot: number): Message => [
    uintField(vma.start, 4096),
    uintField(vma.end, 8192),
    uintField(vma.shmid, shmid),
    uintField(vma.prot, prot),
    uintField(vma.status, vmaStatus.FILE_PRIVATE),
  ];
  const memory = [
    uintField(mm.exe_file_id, 1),
    ...[area(2, 5), area(2, 1), area(3, 1), area(4, 7)].map((one) => nested(mm.vmas, one)),
  ];
  const facts = inspectDump({
    files: {
      kind: 'files',
      entries: [
        regular(1, '/usr/bin/ruby', 0),
        regular(2, '/usr/lib/libc.so.6', 0),
        regular(3, '/usr/lib/locale/C', 0),
        regular(4, '/run/grenadine/memory/mapped-ab-1.img', 0),
      ],
    },
    fdinfos: new Map(),
    mms: [{ kind: 'mm', entries: [memory] }],
    pstree: { kind: 'pstree', entries: [[uintField(pstree.pid, 2)]] },
    cores: new Map(),
    ids: new Map(),
  });
  assert.deepEqual(facts.code, [
    { path: '/usr/bin/ruby', isExecutable: true },
    { path: '/usr/lib/libc.so.6', isExecutable: false },
  ]);
  assert.deepEqual(facts.memoryFiles, ['mapped-ab-1.img']);
  assert.deepEqual(
    facts.files.map(({ path }) => path),
    ['/usr/bin/ruby', '/usr/lib/libc.so.6', '/usr/lib/locale/C'],
  );
});
