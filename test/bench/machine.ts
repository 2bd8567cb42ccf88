/** What the figures were measured on: a figure without its machine says nothing. */
import { readFile } from 'node:fs/promises';
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { placesFrom } from '../bed/places.js';
import { runCommand } from '../bed/run-command.js';

export type Machine = Readonly<Record<string, string>>;

export async function describeMachine(bed: Bed): Promise<Machine> {
  const first = async (...argv: readonly string[]): Promise<string> =>
    (await inBed(bed, ...argv)).split('\n')[0]?.trim() ?? '';
  const debian = (name: string): Promise<string> =>
    first('dpkg-query', '--show', '--showformat=${Version}', name);
  const cpu = /^model name\s*: (.*)$/m.exec(await inBed(bed, 'cat', '/proc/cpuinfo'))?.[1] ?? 'unknown';
  const memoryKb = Number(/^MemTotal:\s*(\d+)/m.exec(await inBed(bed, 'cat', '/proc/meminfo'))?.[1] ?? 0);
  return {
    CPU: `${cpu}, ${await first('nproc')} cores`,
    memory: `${(memoryKb / 1024 / 1024).toFixed(1)} GiB`,
    disk: await describeDisk(),
    kernel: await first('uname', '-r'),
    cgroup2: await favorStarts(),
    // A busy machine makes busy figures.
    load: `${await first('cut', '-d ', '-f1-3', '/proc/loadavg')} before the first round`,
    grenadine: await debian('grenadine'),
    systemd: await debian('systemd'),
    criu: await debian('criu'),
    ruby: await first('ruby', '-e', 'puts RUBY_VERSION'),
    rails: await debian('rails'),
    puma: await debian('puma'),
    node: await first('node', '--version'),
    java: await debian('openjdk-21-jre-headless'),
    tomcat: await debian('tomcat10'),
  };
}

/** What beds lie on, on the host: how far it reads ahead decides what a page costs that is not in memory. */
async function describeDisk(): Promise<string> {
  const words = async (...argv: readonly string[]): Promise<readonly string[]> =>
    (await runCommand(argv)).stdout.trim().split(/\s+/);
  const { cache } = placesFrom(process.env);
  const found = await words('findmnt', '--noheadings', '--output', 'SOURCE,FSTYPE', '--target', cache);
  const [source = '', type = ''] = found;
  const [readAheadKib = ''] = await words('lsblk', '--nodeps', '--noheadings', '--output', 'RA', source);
  return `${source}, ${type}${readAheadKib === '' ? '' : `, ${readAheadKib} KiB of read-ahead`}`;
}

/**
 * What grenadine-favordynmods.service does on a host whose operator enables it. A bed's cgroups are part of the host's,
 * and only there can it be done.
 */
async function favorStarts(): Promise<string> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  const place = mounts.find(([, , type]) => type === 'cgroup2')?.[1];
  if (place === undefined) return 'not mounted';
  const { status, stderr } = await runCommand(['mount', '-o', 'remount,favordynmods', place]);
  return status === 0 ? 'favordynmods' : `without favordynmods: ${stderr.trim()}`;
}
