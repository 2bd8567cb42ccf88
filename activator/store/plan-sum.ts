// The sum of a plan, by which the manifest knows it again. The plan names its snapshot, and the snapshot is named by the
// sum of the manifest, so the name is left out of what is summed up. Pure.

import { createHash } from 'node:crypto';

/** SHA-256 of a plan's text without the `id` that it names. */
export function planSum(text: string, id: string): string {
  return createHash('sha256')
    .update(text.replace(`\nsnapshot=${id}\n`, '\nsnapshot=\n'))
    .digest('hex');
}
