// CRIU's own last errors, from the log that the launcher had it write. Reads the end of the file only.

import { open } from 'node:fs/promises';

const tailBytes = 64 * 1024;
const mostLines = 5;

/** The last error lines of the last restore of `name`, each text once; none when there is no log. */
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
    return lastErrors(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

function lastErrors(log: string): readonly string[] {
  // The time before each text is another one each time.
  const byText = new Map<string, string>();
  for (const line of log.split('\n')) {
    const [text] = /Error \(.*/.exec(line) ?? [];
    // Without CAP_SYS_RESOURCE every log of CRIU begins with that one, and it means nothing.
    if (text !== undefined && !text.includes('RLIMIT_NOFILE') && !byText.has(text))
      byText.set(text, line.trim());
  }
  return [...byText.values()].slice(-mostLines);
}
