// CRIU's own last errors, from the log that the launcher had it write. Reads the end of the file only.

import { open } from 'node:fs/promises';

const tailBytes = 64 * 1024;
const mostLines = 5;

/** The last error lines of the last restore of `name`; none when there is no log. */
export async function criuErrors(name: string, runDirectory = '/run/grenadine'): Promise<readonly string[]> {
  const file = await open(`${runDirectory}/work/${name}/restore.log`).catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(tailBytes),
      0,
      tailBytes,
      Math.max(0, size - tailBytes),
    );
    return (
      buffer
        .toString('utf8', 0, bytesRead)
        .split('\n')
        // Without CAP_SYS_RESOURCE every log of CRIU begins with this one, and it means nothing.
        .filter((line) => line.includes('Error (') && !line.includes('RLIMIT_NOFILE'))
        .slice(-mostLines)
        .map((line) => line.trim())
    );
  } finally {
    await file.close();
  }
}
