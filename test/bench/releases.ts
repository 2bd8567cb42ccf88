/** Two releases of the Rails application, and links of one's own to either, so that questions do not meet. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';

type Release = 1 | 2;

const articles = '/articles';

/** Constant text with positional parameters: link, release, command. By rename, as `ln` alone is not atomic. */
const flipScript = `set -e
ln -sfnT "/srv/rails/releases/$2" "/srv/rails/$1.new"
mv -T "/srv/rails/$1.new" "/srv/rails/$1"
shift 2
exec "$@"`;

/** Makes releases 1 and 2 below /srv/rails, unless they are there. */
export async function layReleases(bed: Bed): Promise<void> {
  for (const release of [1, 2]) {
    const { status } = await bed.run(['test', '-e', `/srv/rails/releases/${release}`]);
    if (status !== 0) await inBed(bed, '/src/test/apps/rails/deploy');
  }
}

/** The command that has /srv/rails/LINK lead to the release, as a deployment by hand ends, and goes on to `then`. */
export function flipArgv(link: string, release: Release, then: readonly string[]): readonly string[] {
  return ['bash', '-c', flipScript, 'flip', link, `${release}`, ...then];
}

/**
 * The application NAME: that of rails.conf, deployed as /srv/rails/NAME, on a port of its own, which is open when this
 * returns. Its link must be there. `more` is text of grenadine.app(5) that goes before.
 */
export async function configureRails(
  bed: Bed,
  name: string,
  port: number,
  environment: Readonly<Record<string, string>> = {},
  more = '',
): Promise<void> {
  const edits = [
    `s|/srv/rails/current|/srv/rails/${name}|`,
    `s|^ListenStream=.*|ListenStream=${port}|`,
    ...Object.entries(environment).map(([key, value]) => `/^Environment=/a Environment=${key}=${value}`),
  ];
  const conf = await inBed(
    bed,
    'sed',
    ...edits.flatMap((edit) => ['-e', edit]),
    '/src/test/apps/rails/rails.conf',
  );
  await bed.run(['tee', `/etc/grenadine/apps/${name}.conf`], { input: `${more}\n${conf}` });
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'systemctl', 'start', `${name}.socket`);
}

/** What to ask measureFirstAnswer() for: every page says which release it comes from. */
export function answerOf(port: number, release: Release): { port: number; path: string; wanted: string } {
  return { port, path: articles, wanted: `x-revision: ${release}\r\n` };
}
