// Exposed files and sockets in the images: who opens what, with whose rights, and by which name CRIU asks for it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guardFiles } from '../../activator/images/exposed-files.js';
import { guardSockets, socketPathsOf } from '../../activator/images/exposed-sockets.js';
import { fileUses, type FileUse, type ProcessImages } from '../../activator/images/file-uses.js';
import type { ImageFile } from '../../activator/images/image-file.js';
import {
  core,
  creds,
  fdinfoEntry,
  fdType,
  fileEntry,
  fsEntry,
  mm,
  regFile,
  remap,
  remapGhost,
  threadCore,
  unixSk,
  vma,
} from '../../activator/images/schema.js';
import {
  bytesField,
  encodeMessage,
  getMessage,
  getMessages,
  getText,
  getUint,
  uintField,
  type Message,
} from '../../activator/images/wire.js';

const O_RDWR = 2;
const O_APPEND = 0o2000;
const O_CREAT = 0o100;
const O_DIRECTORY = 0o200000;
const O_PATH = 0o10000000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o40000;
const S_IFCHR = 0o20000;
const sharedFile = 0x81;
const user = { uid: 1000, gid: 1001, groups: [4] };
const other = { uid: 2000, gid: 1001, groups: [4] };
const root = { uid: 0, gid: 0, groups: [] };
const log = '/srv/app/log';

interface Reg {
  readonly id: number;
  readonly path: string;
  readonly flags?: number;
  readonly position?: bigint;
  readonly mode?: number;
  readonly more?: Message;
}

function reg({ id, path, flags = 0, position = 0n, mode = S_IFREG, more = [] }: Reg): Message {
  return [
    uintField(fileEntry.type, fdType.REG),
    uintField(fileEntry.id, id),
    bytesField(
      fileEntry.reg,
      encodeMessage([
        uintField(regFile.id, id),
        uintField(regFile.flags, flags),
        uintField(regFile.pos, position),
        bytesField(regFile.name, Buffer.from(path)),
        uintField(regFile.mode, mode),
        ...more,
      ]),
    ),
  ];
}

function area(id: number, fdflags: number): Message {
  return [
    uintField(vma.start, 4096),
    uintField(vma.end, 8192),
    uintField(vma.shmid, id),
    uintField(vma.status, sharedFile),
    uintField(vma.fdflags, fdflags),
  ];
}

function memory(...areas: readonly Message[]): ImageFile {
  return { kind: 'mm', entries: [areas.map((one) => bytesField(mm.vmas, encodeMessage(one)))] };
}

const use = (id: number, kind: FileUse['kind'], of = user, flags = 0): FileUse => ({
  id,
  kind,
  flags,
  user: of,
});

/** What lies below /srv is exposed. */
function guard(
  entries: readonly Message[],
  uses: readonly FileUse[],
  more: { readonly remaps?: ImageFile; readonly memory?: ImageFile } = {},
) {
  const memories = new Map(more.memory === undefined ? [] : [['mm-2.img', more.memory] as const]);
  const names = entries.map((entry) => nameOf(entry) ?? '').filter((name) => name.startsWith('/srv/'));
  return guardFiles(
    { files: { kind: 'files', entries }, remaps: more.remaps, memories },
    uses,
    new Map(names.map((name) => [name, { mtimeSec: 77 }])),
    (id) => `/safe/${id}`,
  );
}

function nameOf(entry: Message): string | undefined {
  const record = getMessage(entry, fileEntry.reg);
  return record === undefined ? undefined : getText(record, regFile.name);
}

describe('an exposed file', () => {
  test('is opened as it was, and CRIU finds nothing by its path; others stay', () => {
    const library = reg({ id: 2, path: '/usr/lib/library' });
    const { files, opened } = guard(
      [reg({ id: 1, path: log, flags: 1 | O_APPEND | O_CREAT, position: 9n }), library],
      [use(1, 'descriptor'), use(2, 'mapping')],
    );
    assert.deepEqual(opened, [
      { path: log, user, flags: 1 | O_APPEND, position: 9, size: undefined, mtimeSec: undefined },
    ]);
    assert.deepEqual(files.entries.map(nameOf), ['/run/grenadine/exposed/0', '/usr/lib/library']);
    assert.equal(files.entries[1], library);
  });

  test('that is open twice has two names, and two positions', () => {
    const { files, opened } = guard(
      [reg({ id: 1, path: log, position: 1n }), reg({ id: 2, path: log, flags: O_RDWR, position: 2n })],
      [use(1, 'descriptor'), use(2, 'descriptor')],
    );
    assert.deepEqual(
      opened.map(({ flags, position }) => [flags, position]),
      [
        [0, 1],
        [O_RDWR, 2],
      ],
    );
    assert.deepEqual(files.entries.map(nameOf), ['/run/grenadine/exposed/0', '/run/grenadine/exposed/1']);
  });

  test('that is mapped otherwise than it is open gets a record of its own for that, and the mapping follows', () => {
    const { files, opened, memories } = guard(
      [reg({ id: 7, path: log })],
      [use(7, 'descriptor'), use(7, 'mapping', user, 0), use(7, 'mapping', user, O_RDWR)],
      { memory: memory(area(7, 0), area(7, O_RDWR)) },
    );
    assert.deepEqual(
      opened.map(({ flags }) => flags),
      [0, O_RDWR],
    );
    assert.deepEqual(
      files.entries.map((entry) => [getUint(entry, fileEntry.id), nameOf(entry)]),
      [
        [7, '/run/grenadine/exposed/0'],
        [8, '/run/grenadine/exposed/1'],
      ],
    );
    const areas = getMessages(memories.get('mm-2.img')?.entries[0] ?? [], mm.vmas);
    assert.deepEqual(
      areas.map((one) => getUint(one, vma.shmid)),
      [7, 8],
    );
  });

  test('that was never at a position begins at its beginning', () => {
    const { opened } = guard([reg({ id: 1, path: log, position: 2n ** 64n - 1n })], [use(1, 'executable')]);
    assert.equal(opened[0]?.position, 0);
  });

  test('keeps what CRIU expected of it: the size, and the time where it would look at the build-id', () => {
    const size = uintField(regFile.size, 4096);
    const { opened } = guard(
      [
        reg({ id: 1, path: '/srv/a', more: [size] }),
        reg({ id: 2, path: '/srv/b', more: [size, uintField(regFile.build_id, 1)] }),
      ],
      [use(1, 'descriptor'), use(2, 'mapping')],
    );
    assert.deepEqual(
      opened.map(({ size: expected, mtimeSec }) => [expected, mtimeSec]),
      [
        [4096, undefined],
        [4096, 77],
      ],
    );
  });

  test('that root holds, too, must be the user’s to open', () => {
    const { opened } = guard([reg({ id: 1, path: log })], [use(1, 'descriptor', root), use(1, 'descriptor')]);
    assert.deepEqual(opened[0]?.user, user);
  });

  test('that processes of two users hold is refused', () => {
    assert.throws(
      () => guard([reg({ id: 1, path: log })], [use(1, 'descriptor'), use(1, 'descriptor', other)]),
      { code: 'file-exposed' },
    );
  });

  test('that is a device, or a FIFO, is refused', () => {
    const device = reg({ id: 1, path: '/srv/device', mode: S_IFCHR });
    assert.throws(() => guard([device], [use(1, 'descriptor')]), { code: 'file-exposed' });
    assert.throws(() => guard([reg({ id: 1, path: '/srv/fifo' })], [use(1, 'fifo')]), {
      code: 'file-exposed',
    });
  });

  test('that is a directory is opened as one; the working one needs no right to read it', () => {
    const directories = [
      reg({ id: 1, path: '/srv/a', mode: S_IFDIR }),
      reg({ id: 2, path: '/srv/b', mode: S_IFDIR }),
    ];
    const { opened } = guard(directories, [use(1, 'descriptor'), use(2, 'directory')]);
    assert.deepEqual(
      opened.map(({ flags }) => flags),
      [O_DIRECTORY, O_PATH | O_DIRECTORY],
    );
  });

  test('that was deleted is made elsewhere, and opened by CRIU', () => {
    const entry = [
      uintField(remap.orig_id, 1),
      uintField(remap.remap_id, 5),
      uintField(remap.remap_type, remapGhost),
    ];
    const { files, opened } = guard([reg({ id: 1, path: log })], [use(1, 'descriptor')], {
      remaps: { kind: 'remap-fpath', entries: [entry] },
    });
    assert.deepEqual([opened, files.entries.map(nameOf)], [[], ['/safe/1']]);
  });

  test('is opened beside 511 others, and not beside 512', () => {
    const ids = Array.from({ length: 513 }, (_, id) => id + 1);
    const some = (count: number) =>
      guard(
        ids.slice(0, count).map((id) => reg({ id, path: `/srv/${id}` })),
        ids.slice(0, count).map((id) => use(id, 'descriptor')),
      );
    assert.equal(some(512).opened.length, 512);
    assert.throws(() => some(513), { code: 'too-many-files' });
  });
});

test('files are used by descriptors, mappings, executables and directories, with the rights of their processes', () => {
  const rights = [
    uintField(creds.fsuid, user.uid),
    uintField(creds.fsgid, user.gid),
    ...user.groups.map((group) => uintField(creds.groups, group)),
  ];
  const thread = bytesField(threadCore.creds, encodeMessage(rights));
  const process: ProcessImages = {
    pid: 2,
    core: { kind: 'core', entries: [[bytesField(core.thread_core, encodeMessage([thread]))]] },
    descriptors: {
      kind: 'fdinfo',
      entries: [
        [uintField(fdinfoEntry.id, 1), uintField(fdinfoEntry.type, fdType.REG)],
        [uintField(fdinfoEntry.id, 9), uintField(fdinfoEntry.type, fdType.PIPE)],
      ],
    },
    memory: {
      kind: 'mm',
      entries: [[uintField(mm.exe_file_id, 2), bytesField(mm.vmas, encodeMessage(area(3, O_RDWR)))]],
    },
    fs: { kind: 'fs', entries: [[uintField(fsEntry.cwd_id, 4), uintField(fsEntry.root_id, 5)]] },
  };
  assert.deepEqual(fileUses({ kind: 'files', entries: [] }, [process]), [
    use(1, 'descriptor'),
    use(2, 'executable'),
    use(3, 'mapping', user, O_RDWR),
    use(4, 'directory'),
    use(5, 'directory'),
  ]);
});

test('who executes a set-user-ID program has his own rights to files, who began as root those that he has taken on', () => {
  const usersOf = (real: number, ofFiles: number): readonly number[] => {
    const rights = [
      ...[uintField(creds.uid, real), uintField(creds.gid, real)],
      ...[uintField(creds.fsuid, ofFiles), uintField(creds.fsgid, ofFiles)],
    ];
    const thread = bytesField(threadCore.creds, encodeMessage(rights));
    const core2: ImageFile = {
      kind: 'core',
      entries: [[bytesField(core.thread_core, encodeMessage([thread]))]],
    };
    const fs: ImageFile = { kind: 'fs', entries: [[uintField(fsEntry.cwd_id, 4)]] };
    const process = { pid: 2, core: core2, descriptors: undefined, memory: undefined, fs };
    return fileUses({ kind: 'files', entries: [] }, [process]).flatMap(({ user: { uid, gid } }) => [
      uid,
      gid,
    ]);
  };
  assert.deepEqual(usersOf(1000, 0), [1000, 1000]);
  assert.deepEqual(usersOf(0, 1000), [1000, 1000]);
});

describe('a UNIX socket', () => {
  const socket = (name: string, more: Message = []): ImageFile => ({
    kind: 'files',
    entries: [
      [
        uintField(fileEntry.id, 1),
        bytesField(fileEntry.usk, encodeMessage([bytesField(unixSk.name, Buffer.from(name)), ...more])),
      ],
    ],
  });
  const dgram = [uintField(unixSk.type, 2), uintField(unixSk.state, 7)];
  const connected = [uintField(unixSk.type, 1), uintField(unixSk.state, 1)];
  const exposed = new Map([['/srv/app/s', 0]]);

  test('has the path that it was bound to, which may be relative; abstract and unnamed ones have none', () => {
    const inFolder = bytesField(unixSk.name_dir, Buffer.from('/srv/app'));
    assert.deepEqual(
      [socket('/srv/app/s'), socket('s\0', [inFolder]), socket('\0abstract'), socket('')].flatMap(
        socketPathsOf,
      ),
      ['/srv/app/s', '/srv/app/s'],
    );
  });

  test('that is exposed is refused, any other is left alone', () => {
    assert.throws(() => guardSockets(socket('/srv/app/s', dgram), exposed), { code: 'socket-exposed' });
    const elsewhere = socket('/run/s', dgram);
    assert.deepEqual(guardSockets(elsewhere, exposed), elsewhere);
  });

  test('that is a connection loses the name of its listener', () => {
    assert.deepEqual(socketPathsOf(guardSockets(socket('/srv/app/s', connected), exposed)), []);
  });
});
