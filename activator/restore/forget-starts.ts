// Removes what was written down of the starts of an application that is no more.

import { rm } from 'node:fs/promises';

export async function forgetStarts(name: string, runDirectory = '/run/grenadine'): Promise<void> {
  const folders = [`work/${name}`, `work/${name}-bake`, `scratch/${name}-bake`];
  const files = [`outcome/${name}`, `started/${name}`];
  for (const path of [...folders, ...files])
    await rm(`${runDirectory}/${path}`, { recursive: true, force: true });
}
