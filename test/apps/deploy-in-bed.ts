/** Deploys an application of test/apps/ in a bed from the host, as an operator would: deploy, .conf, reload, socket. */
import type { Bed } from '../bed/bed.js';

const timeoutMs = 120_000;

/** Runs a command in the bed and answers its standard output; throws, with what it said, when it fails. */
export async function inBed(bed: Bed, ...argv: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await bed.run(argv, { timeoutMs });
  if (status !== 0) throw new Error(`'${argv.join(' ')}' ended with status ${status}\n${stdout}${stderr}`);
  return stdout;
}

/**
 * Snapshots are made only when asked for, so that what is measured does not share the processor with a bake.
 * In force with the next daemon-reload.
 */
export async function bakeWhenAsked(bed: Bed): Promise<void> {
  const file = '/etc/grenadine/grenadine.conf.d/50-manual.conf';
  await inBed(bed, 'install', '-D', '-m', '0644', '/src/test/apps/bake-manual.conf', file);
}

/** `name` is both the folder below test/apps/ and the application. Nothing runs yet; its sockets are open. */
export async function deployInBed(bed: Bed, name: string): Promise<void> {
  await inBed(bed, `/src/test/apps/${name}/deploy`);
  await inBed(
    bed,
    ...['install', '-D', '-m', '0644', `/src/test/apps/${name}/${name}.conf`],
    `/etc/grenadine/apps/${name}.conf`,
  );
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', `${name}.socket`);
}
