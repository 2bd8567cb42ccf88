/** CRIU's images of a real dump, damaged: each editor takes them or refuses them with a code, and what it wrote reads back. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardFiles } from '../../activator/images/exposed-files.js';
import { guardSockets, socketPathsOf } from '../../activator/images/exposed-sockets.js';
import { recordsOf } from '../../activator/images/exposed-openings.js';
import { fileUses } from '../../activator/images/file-uses.js';
import { readImage, writeImage, type ImageFile } from '../../activator/images/image-file.js';
import { inspectDump } from '../../activator/images/inspect.js';
import { loosenFiles } from '../../activator/images/loosen-files.js';
import { leaveOutZeros, mapMemory } from '../../activator/images/map-memory.js';
import { pageBytes, pagesOf } from '../../activator/images/memory-areas.js';
import { quietFilters } from '../../activator/images/quiet-filters.js';
import { fileEntry, inetSk, type ImageKind } from '../../activator/images/schema.js';
import { transplant, type PassedListener } from '../../activator/images/transplant.js';
import { getMessage, getUint } from '../../activator/images/wire.js';
import { damage, kindOf, type Dump } from './image-damage.js';
import { target, type AnyTarget } from './target.js';

const kept = fileURLToPath(new URL('../../../test/fuzz/images', import.meta.url));

/** Of the images of a folder those that we read. */
export function readDumpFolder(folder: string): Dump {
  const names = readdirSync(folder).filter((name) => kindOf(name) !== undefined);
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** The dumps that lie beside this, one in each folder. */
export function keptDumps(): readonly Dump[] {
  return readdirSync(kept).map((name) => readDumpFolder(join(kept, name)));
}

export function imageTarget(dumps: readonly Dump[]): AnyTarget {
  return target<Dump>({
    name: 'images',
    codes: [
      ...['image-truncated', 'image-magic', 'image-wire', 'image-incomplete', 'foreign-listener'],
      ...['listener-shut', 'listener-filter', 'file-exposed', 'socket-exposed', 'too-many-files'],
    ],
    make: (random) => damage(random.pick(dumps) ?? new Map<string, Uint8Array>(), random),
    read: readDump,
    show: (dump) => Buffer.concat([...dump].flatMap(([name, bytes]) => [Buffer.from(`\n${name}\n`), bytes])),
  });
}

function readDump(dump: Dump): void {
  const images = new Map<string, ImageFile>();
  for (const [name, bytes] of dump) {
    const kind = kindOf(name);
    if (kind === undefined) continue;
    const image = readImage(bytes, kind, name);
    assert.ok(Buffer.from(writeImage(image)).equals(bytes), `${name} is not written as it was read`);
    images.set(name, image);
  }
  editAll(images);
}

function all(images: ReadonlyMap<string, ImageFile>, kind: ImageKind): ReadonlyMap<string, ImageFile> {
  return new Map([...images].filter(([name, image]) => image.kind === kind && name.startsWith(`${kind}-`)));
}

function editAll(images: ReadonlyMap<string, ImageFile>): void {
  const files = images.get('files.img');
  const pstree = images.get('pstree.img');
  if (files === undefined || pstree === undefined) return;
  const fdinfos = all(images, 'fdinfo');
  const mms = [...all(images, 'mm').values()];
  const facts = inspectDump({
    files,
    pstree,
    fdinfos,
    mms,
    cores: all(images, 'core'),
    ids: all(images, 'ids'),
  });
  assert.ok(Number.isSafeInteger(facts.rootPid) && Number.isSafeInteger(facts.maxPid));
  const moved = transplant({ files, fdinfos }, listenersOf(files), []);
  const loosened = loosenFiles(moved.files, mms);
  const seccomp = images.get('seccomp.img');
  if (seccomp !== undefined) readBack(quietFilters(seccomp));
  guardAll(images, loosened.files);
  mapAll(images, loosened.files);
}

const TCP_LISTEN = 10;

/** As if the launcher had passed all that listen. */
function listenersOf(files: ImageFile): readonly PassedListener[] {
  return files.entries
    .map((entry) => getMessage(entry, fileEntry.isk))
    .filter((socket) => socket !== undefined)
    .filter((socket) => getUint(socket, inetSk.state) === TCP_LISTEN)
    .flatMap((socket, index) => [{ index, inode: getUint(socket, inetSk.ino) ?? 0 }]);
}

function guardAll(images: ReadonlyMap<string, ImageFile>, files: ImageFile): void {
  const processes = [...all(images, 'core')].map(([name, core]) => {
    const pid = Number(/[0-9]+/.exec(name)?.[0]);
    return {
      ...{ pid, core, descriptors: [...all(images, 'fdinfo').values()][0] },
      ...{ memory: images.get(`mm-${pid}.img`), fs: images.get(`fs-${pid}.img`) },
    };
  });
  // As if every other file lay where its user may replace it.
  const paths = [...recordsOf(files).map(({ path }) => path), ...socketPathsOf(files)];
  const exposed = new Map(
    paths
      .filter((path) => !path.startsWith('/dev/'))
      .filter((_, index) => index % 2 === 0)
      .map((path) => [path, { mtimeSec: 1 }]),
  );
  const guarded = guardFiles(
    {
      files: guardSockets(files, exposed),
      remaps: images.get('remap-fpath.img'),
      memories: all(images, 'mm'),
    },
    fileUses(files, processes),
    exposed,
    (id) => `/var/lib/grenadine/web/deleted-${id}`,
  );
  readBack(guarded.files);
  for (const image of guarded.memories.values()) readBack(image);
}

/** More than the pages of the dumps. Beyond, the size of the pages image, which is real, would contradict the pagemap. */
const mostBytes = 2 ** 32;

function mapAll(images: ReadonlyMap<string, ImageFile>, files: ImageFile): void {
  const memories = [...all(images, 'pagemap')].flatMap(([name, pagemap]) => {
    const mm = images.get(name.replace('pagemap', 'mm'));
    const fileBytes = pagemap.entries
      .slice(1)
      .map(pagesOf)
      .reduce((sum, { count, isPresent }) => sum + (isPresent ? count * pageBytes : 0), 0);
    return mm === undefined || fileBytes > mostBytes
      ? []
      : [{ mm, pagemap, fileName: 'mapped-0123456789abcdef-1.img', fileBytes }];
  });
  const limits = { leastPages: 4, mostRuns: 8192, takesUninherited: true };
  const mapped = mapMemory(files, memories, limits);
  readBack(mapped.files);
  for (const [index, one] of mapped.processes.entries()) {
    const left = leaveOutZeros(one, new Set([0, 1, 2]));
    readBack(left.mm);
    readBack(left.pagemap);
    const pages = (memories[index]?.fileBytes ?? 0) / pageBytes;
    // What is copied lies in the pages image.
    for (const { page, count } of left.kept)
      assert.ok(
        page >= 0 && count > 0 && page + count <= pages,
        `pages ${page} and ${count} more of ${pages}`,
      );
  }
}

function readBack(image: ImageFile): void {
  const bytes = writeImage(image);
  assert.ok(Buffer.from(writeImage(readImage(bytes, image.kind, image.kind))).equals(bytes));
}
