// Reads manifest.json strictly: a member that is missing, unknown or of another kind is `manifest-invalid`, named by
// its path. Knows nothing of files.

import { GrenadineError } from '../../generator/config/error.js';
import type { CriuIdentity } from '../host/criu.js';
import type { SnapshotHost } from '../host/differences.js';
import {
  booleanIn,
  listIn,
  numberIn,
  objectAt,
  objectIn,
  optionalIn,
  textIn,
  wordIn,
  type Fields,
} from './json-shape.js';
import type {
  ImageSum,
  Manifest,
  ManifestFile,
  ManifestListener,
  ManifestMemory,
  ManifestProcess,
  ManifestReuse,
} from './manifest.js';
import type { PlanOption } from './plan.js';

const manifestKeys = [
  ...[
    'version',
    'application',
    'createdUs',
    'configuration',
    'release',
    'host',
    'processes',
    'listeners',
    'files',
  ],
  ...['images', 'planSha256', 'pagesBytes', 'memory', 'reuse', 'timings'],
];

export function readManifest(text: string): Manifest {
  const top = objectAt(parseJson(text), '', manifestKeys);
  if (numberIn(top, 'version') !== 1) throw new GrenadineError('manifest-invalid', 'version is not 1');
  const release = objectIn(top, 'release', ['id', 'path', 'target']);
  const timings = objectIn(top, 'timings', ['coldMs', 'dumpMs', 'proveMs']);
  return {
    application: textIn(top, 'application', /^[a-z0-9][a-z0-9_-]{0,63}$/),
    createdUs: numberIn(top, 'createdUs'),
    configuration: textIn(top, 'configuration', /^[0-9a-f]{16}$/),
    release: {
      id: textIn(release, 'id'),
      path: optionalIn(release, 'path', textIn),
      target: optionalIn(release, 'target', textIn),
    },
    host: readHost(
      objectIn(top, 'host', ['kernel', 'architecture', 'cpuModel', 'cpuFlags', 'memoryBytes', 'criu']),
    ),
    processes: listIn(top, 'processes', readProcess),
    listeners: listIn(top, 'listeners', readListener),
    files: listIn(top, 'files', readFile),
    images: listIn(top, 'images', readImageSum),
    planSha256: optionalIn(top, 'planSha256', (fields, key) => textIn(fields, key, /^[0-9a-f]{64}$/)),
    pagesBytes: numberIn(top, 'pagesBytes'),
    // Snapshots that were made before there was a choice do not say it.
    memory: optionalIn(top, 'memory', readMemory) ?? { kind: 'copied', why: 'made by an older version' },
    reuse: optionalIn(top, 'reuse', readReuse),
    timings: {
      coldMs: numberIn(timings, 'coldMs'),
      dumpMs: numberIn(timings, 'dumpMs'),
      proveMs: numberIn(timings, 'proveMs'),
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GrenadineError('manifest-invalid', `the manifest is no JSON: ${String(cause)}`, { cause });
  }
}

function readHost(host: Fields): SnapshotHost {
  return {
    kernel: textIn(host, 'kernel'),
    architecture: textIn(host, 'architecture'),
    cpuModel: textIn(host, 'cpuModel'),
    cpuFlags: textIn(host, 'cpuFlags'),
    memoryBytes: numberIn(host, 'memoryBytes'),
    criu: readCriu(objectIn(host, 'criu', ['path', 'size', 'mtimeSec', 'version', 'doesWithout'])),
  };
}

function readCriu(criu: Fields): CriuIdentity {
  return {
    path: textIn(criu, 'path'),
    size: numberIn(criu, 'size'),
    mtimeSec: numberIn(criu, 'mtimeSec'),
    version: textIn(criu, 'version'),
    doesWithout: booleanIn(criu, 'doesWithout'),
  };
}

function readMemory(fields: Fields, key: string): ManifestMemory {
  const memory = objectIn(fields, key, ['kind', 'bytes', 'why']);
  const kind = wordIn(memory, 'kind', ['mapped', 'copied']);
  return kind === 'mapped'
    ? { kind, bytes: numberIn(memory, 'bytes') }
    : { kind, why: textIn(memory, 'why') };
}

function readReuse(fields: Fields, key: string): ManifestReuse {
  const reuse = objectIn(fields, key, ['kind', 'why']);
  return { kind: wordIn(reuse, 'kind', ['unlimited', 'once']), why: textIn(reuse, 'why') };
}

function readProcess(value: unknown, path: string): ManifestProcess {
  const process = objectAt(value, path, ['pid', 'parent', 'comm', 'threads']);
  return {
    pid: numberIn(process, 'pid'),
    parent: numberIn(process, 'parent'),
    comm: textIn(process, 'comm'),
    threads: numberIn(process, 'threads'),
  };
}

const listenerKeys = [
  'index',
  'family',
  'listen',
  'address',
  'inode',
  'backlog',
  'nonblock',
  'v6only',
  'options',
];

function readListener(value: unknown, path: string): ManifestListener {
  const listener = objectAt(value, path, listenerKeys);
  return {
    index: numberIn(listener, 'index'),
    family: wordIn(listener, 'family', ['inet', 'inet6', 'unix']),
    listen: textIn(listener, 'listen'),
    address: textIn(listener, 'address'),
    inode: numberIn(listener, 'inode'),
    backlog: numberIn(listener, 'backlog'),
    nonblock: booleanIn(listener, 'nonblock'),
    v6only: optionalIn(listener, 'v6only', booleanIn),
    options: listIn(listener, 'options', readOption),
  };
}

function readOption(value: unknown, path: string): PlanOption {
  const option = objectAt(value, path, ['level', 'name', 'value']);
  return {
    level: numberIn(option, 'level'),
    name: numberIn(option, 'name'),
    value: textIn(option, 'value', /^([0-9a-f]{2})+$/),
  };
}

function readFile(value: unknown, path: string): ManifestFile {
  const file = objectAt(value, path, ['path', 'use', 'size', 'mtimeSec', 'buildId', 'mappedEnd']);
  return {
    path: textIn(file, 'path'),
    use: wordIn(file, 'use', ['code', 'shared', 'written', 'read', 'environment']),
    size: optionalIn(file, 'size', numberIn),
    mtimeSec: optionalIn(file, 'mtimeSec', numberIn),
    buildId: optionalIn(file, 'buildId', textIn),
    mappedEnd: optionalIn(file, 'mappedEnd', numberIn),
  };
}

function readImageSum(value: unknown, path: string): ImageSum {
  const image = objectAt(value, path, ['name', 'bytes', 'sha256']);
  return {
    name: textIn(image, 'name', /^[^/]+$/),
    bytes: numberIn(image, 'bytes'),
    sha256: textIn(image, 'sha256', /^[0-9a-f]{64}$/),
  };
}
