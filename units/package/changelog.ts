// Turns CHANGELOG.md (releases with `Released:` and sections of bullets) into a Debian changelog. Reads and writes no file.
import { GrenadineError } from '../../generator/config/error.js';

export interface Release {
  readonly version: string;
  /** `YYYY-MM-DD`. */
  readonly released: string;
  /** One text per bullet, its lines joined. */
  readonly changes: readonly string[];
}

const heading = /^grenadine (\d+\.\d+\.\d+)$/;
const releasedLine = /^Released: (\d{4}-\d{2}-\d{2})$/;
const bullet = /^\s*\* (.*)$/;
const continuation = /^\s{2,}(\S.*)$/;

/** The releases in file order, the newest first. */
export function parseChangelog(text: string): readonly Release[] {
  const releases = splitReleases(text.split('\n')).map(readRelease);
  if (releases.length === 0) throw new GrenadineError('bad-changelog', 'CHANGELOG.md: no release heading');
  return releases;
}

/** Midnight UTC of the day of release, in seconds: the default of SOURCE_DATE_EPOCH. */
export function releaseEpoch(release: Release): number {
  return Date.parse(`${release.released}T00:00:00Z`) / 1000;
}

/** deb-changelog(5). */
export function renderDebianChangelog(
  source: string,
  maintainer: string,
  releases: readonly Release[],
): string {
  return releases
    .map((release) => {
      const changes = release.changes.map((change) => wrap(change, '  * ', '    ')).join('\n');
      const date = new Date(releaseEpoch(release) * 1000).toUTCString().replace('GMT', '+0000');
      return `${source} (${release.version}) unstable; urgency=medium\n\n${changes}\n\n -- ${maintainer}  ${date}\n`;
    })
    .join('\n');
}

function splitReleases(lines: readonly string[]): readonly (readonly string[])[] {
  const starts = lines.flatMap((line, index) => (heading.test(line) ? [index] : []));
  return starts.map((start, position) => lines.slice(start, starts[position + 1]));
}

function readRelease(lines: readonly string[]): Release {
  const version = heading.exec(lines[0] ?? '')?.[1] ?? '';
  const released = lines.map((line) => releasedLine.exec(line)?.[1]).find((date) => date !== undefined);
  if (released === undefined)
    throw new GrenadineError('bad-changelog', `CHANGELOG.md: ${version} has no 'Released:' line`);
  const changes: string[] = [];
  let isInBullet = false;
  for (const line of lines) {
    const begun = bullet.exec(line)?.[1];
    const more = continuation.exec(line)?.[1];
    if (begun !== undefined) changes.push(begun);
    else if (isInBullet && more !== undefined) changes.push(`${changes.pop() ?? ''} ${more}`);
    isInBullet = begun !== undefined || (isInBullet && more !== undefined);
  }
  return { version, released, changes };
}

/** Fills lines of at most 78 columns, the width that lintian and apt-listchanges expect. */
function wrap(text: string, first: string, rest: string): string {
  const lines: string[] = [];
  let line = first.trimEnd();
  for (const word of text.split(/\s+/)) {
    if (`${line} ${word}`.length > 78) {
      lines.push(line);
      line = `${rest}${word}`;
    } else {
      line = `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
