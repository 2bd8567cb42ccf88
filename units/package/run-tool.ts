// Runs the packaging tools (make, strip, dpkg). The only file of units/ that starts a child process; it knows no tool.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GrenadineError } from '../../generator/config/error.js';

const execute = promisify(execFile);

/** A compiler on a loaded two-core machine is slow; nothing here takes minutes. */
const toolDeadlineMs = 300_000;

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `tool` with `args`, never through a shell, and returns what it wrote to standard output. */
export async function runTool(
  tool: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  try {
    const { stdout } = await execute(tool, [...args], {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
      timeout: toolDeadlineMs,
      maxBuffer: 16 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    throw new GrenadineError('tool-failed', `${[tool, ...args].join(' ')}: ${describeFailure(error)}`, {
      cause: error,
    });
  }
}

/** What a failed child said, or why there was none. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return said === '' ? error.message : said;
}
