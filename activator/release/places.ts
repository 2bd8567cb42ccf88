// Where a change of the release would show: directories, and in each the one name that matters. Reads links and
// directory entries on the way to Path= and Trigger=, never what lies below a release.

import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { triggerPath, type ReleaseSource } from './release-id.js';

export interface Place {
  readonly directory: string;
  /** undefined: any entry that comes or goes. */
  readonly name: string | undefined;
}

/** path_resolution(7): as many links as the kernel follows. */
const mostLinks = 40;

export async function placesOf(source: ReleaseSource, target: string | undefined): Promise<readonly Place[]> {
  const { path } = source;
  const trigger = triggerPath(source.trigger, target);
  const isLink =
    path !== undefined && ((await lstat(path).catch(() => undefined))?.isSymbolicLink() ?? false);
  return [
    ...(path === undefined ? [] : await steps(path)),
    ...(target === undefined || isLink ? [] : topOf(target, source.trigger !== undefined)),
    ...(trigger === undefined ? [] : await steps(trigger)),
  ];
}

function topOf(directory: string, isTriggered: boolean): readonly Place[] {
  const revision = { directory, name: 'REVISION' };
  return isTriggered ? [revision] : [revision, { directory, name: undefined }];
}

/**
 * Every step of the way that the kernel takes along `path`, links included: whichever is replaced, leads elsewhere.
 * The way ends at the first step that is missing, in the nearest directory that exists.
 */
async function steps(path: string): Promise<readonly Place[]> {
  const found: Place[] = [];
  let directory = '/';
  let ahead = path.split('/');
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '' || name === '.') continue;
    const here = join(directory, name);
    if (name === '..') {
      directory = here;
      continue;
    }
    found.push({ directory, name });
    const entry = await lstat(here).catch(() => undefined);
    if (entry?.isSymbolicLink() === true) {
      links += 1;
      const to = await readlink(here).catch(() => undefined);
      if (to === undefined || links > mostLinks) return found;
      if (to.startsWith('/')) directory = '/';
      ahead = [...to.split('/'), ...ahead];
    } else if (entry?.isDirectory() === true) {
      directory = here;
    } else {
      return found;
    }
  }
  return found;
}
