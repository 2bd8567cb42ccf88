/**
 * Other applications than one Rails process: each restored by Grenadine, and booted by a plain unit. No plain unit boots
 * one on its first connection that binds its port by itself: that is booted by Grenadine, which makes no snapshots of it.
 */
import { bakeWhenAsked, deployInBed, inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { compile } from './compile.js';
import { compileFirstByte, measureFirstByte } from './first-byte.js';
import { imagesOf, readImages } from './images.js';
import { mustBeRestored } from './outcome.js';
import type { Question, Sample } from './question.js';
import { configureRails, flipArgv, layReleases } from './releases.js';

interface Application {
  readonly name: string;
  readonly what: string;
  readonly port: number;
  /** What boots it cold: NAME.socket and NAME.service, on `plainPort`. */
  readonly plain: string;
  readonly plainPort: number;
  readonly path: string;
}

/** One that knows nothing of passed sockets: both its units hold the port that it binds, one at a time. */
function binder(name: string, what: string, port: number, path = '/'): Application {
  return { name, what, port, plain: `${name}-cold`, plainPort: port, path };
}

const cluster: Application = {
  ...{ name: 'rails-cluster', what: 'Rails, puma with two workers', port: 3022 },
  ...{ plain: 'cluster-plain', plainPort: 3053, path: '/articles' },
};

const applications: readonly Application[] = [
  {
    ...{ name: 'node', what: 'Node', port: 4000 },
    ...{ plain: 'node-plain', plainPort: 3052, path: '/peer' },
  },
  {
    ...{ name: 'django', what: 'Django, gunicorn with two workers', port: 8000 },
    ...{ plain: 'django-plain', plainPort: 3051, path: '/notes.json' },
  },
  {
    ...{ name: 'tomcat', what: 'Tomcat', port: 4040 },
    ...{ plain: 'tomcat-plain', plainPort: 3055, path: '/notes' },
  },
  cluster,
  binder('sinatra', 'Sinatra, as it comes', 5061),
  binder('express', 'Express, as it comes', 5063),
  binder('go-server', 'Go, as it comes', 5067),
  binder('erlang', 'Erlang, as it comes', 5066, '/erl/visits:answer'),
  binder('php', 'PHP, as it comes', 5068),
];

const binders = applications.filter(({ port, plainPort }) => port === plainPort);

/** The same file, but that no snapshots are made. */
async function configureCold(bed: Bed, { name, plain }: Application): Promise<void> {
  const file = `/etc/grenadine/apps/${plain}.conf`;
  await inBed(bed, 'cp', `/etc/grenadine/apps/${name}.conf`, file);
  await bed.run(['tee', '-a', file], { input: '[Snapshot]\nEnable=no\n' });
}

async function prepare(bed: Bed): Promise<void> {
  await compileFirstByte(bed);
  await compile(bed, 'page-cache');
  await bakeWhenAsked(bed);
  await layReleases(bed);
  for (const { name } of applications) if (name !== cluster.name) await deployInBed(bed, name);
  await inBed(bed, ...flipArgv(cluster.name, 1, ['true']));
  await configureRails(bed, cluster.name, cluster.port, { WEB_CONCURRENCY: '2' });
  for (const { name } of applications) await inBed(bed, 'grenadine', 'bake', name);
  await inBed(bed, 'sh', '-c', 'install -m 0644 /src/test/bench/units/*-plain.* /etc/systemd/system/');
  for (const application of binders) await configureCold(bed, application);
  await inBed(bed, 'systemctl', 'daemon-reload');
  const plain = applications.filter((application) => !binders.includes(application));
  await inBed(bed, 'systemctl', 'start', ...plain.map((application) => `${application.plain}.socket`));
}

async function round(bed: Bed): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const { name, port, plain, plainPort, path } of applications) {
    await readImages(bed, imagesOf(name));
    samples.push({ row: name, value: await firstByte(bed, port, path) });
    await mustBeRestored(bed, name);
    await inBed(bed, 'systemctl', '--quiet', 'stop', `${name}.service`);
    if (port === plainPort) await handOver(bed, name, plain);
    samples.push({ row: plain, value: await firstByte(bed, plainPort, path) });
    await inBed(bed, 'systemctl', '--quiet', 'stop', `${plain}.service`);
    if (port === plainPort) await handOver(bed, plain, name);
  }
  return samples;
}

/** The port. */
async function handOver(bed: Bed, from: string, to: string): Promise<void> {
  await inBed(bed, 'systemctl', 'stop', `${from}.socket`);
  await inBed(bed, 'systemctl', 'start', `${to}.socket`);
}

async function firstByte(bed: Bed, port: number, path: string): Promise<number> {
  const { firstByteMs, status } = await measureFirstByte(bed, port, path);
  if (status !== 200) throw new Error(`port ${port} answered with status ${status}`);
  return firstByteMs;
}

export const applicationQuestion: Question = {
  name: 'applications',
  title: 'The first connection to other applications, to the first byte',
  note: 'Those that are as they come are small programs, which count visits: what they load is their runtime.',
  rows: applications.flatMap(({ name, plain, what }) => [
    { name, what: `${what}, restored`, unit: 'ms' } as const,
    { name: plain, what: `${what}, cold`, unit: 'ms' } as const,
  ]),
  ratios: applications.map(({ name, plain }) => [plain, name] as const),
  prepare,
  round,
};
