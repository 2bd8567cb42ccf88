// Reads the generator's own arguments. Pure.

export type Command =
  /** What systemd runs: only the first of the three directories is written to. */
  | { readonly kind: 'generate'; readonly root: string; readonly directory: string }
  /** `source` is a directory of `NAME.conf` files that stands in for the system's own. */
  | { readonly kind: 'dry-run'; readonly root: string; readonly source: string | undefined }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly message: string };

export const help = `grenadine-generator [OPTIONS…] NORMAL-DIR [EARLY-DIR LATE-DIR]
grenadine-generator [OPTIONS…] --dry-run [DIR]

Generate systemd units from the applications in /etc/grenadine/apps/.

     --dry-run [DIR]   Print what would be written, for the applications in DIR/ if given
     --root DIR        Read configuration below DIR/
     --help            Show this help
     --version         Show the version

See grenadine-generator(8).
`;

export function readCommandLine(args: readonly string[]): Command {
  let root = '';
  let isDryRun = false;
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--help' || arg === '-h') return { kind: 'help' };
    if (arg === '--version') return { kind: 'version' };
    if (arg === '--dry-run') isDryRun = true;
    else if (arg === '--root') {
      const next = rest.shift();
      if (next === undefined) return { kind: 'usage', message: '--root takes a directory.' };
      root = next;
    } else if (arg.startsWith('--root=')) root = arg.slice('--root='.length);
    else if (arg.startsWith('-')) return { kind: 'usage', message: `Unknown option '${arg}'.` };
    else operands.push(arg);
  }
  return isDryRun ? dryRun(root, operands) : generate(root, operands);
}

function dryRun(root: string, operands: readonly string[]): Command {
  return operands.length <= 1
    ? { kind: 'dry-run', root, source: operands[0] }
    : { kind: 'usage', message: '--dry-run takes one directory at most.' };
}

/** systemd gives three directories; one is for trying out, as systemd.generator(7) says. */
function generate(root: string, operands: readonly string[]): Command {
  const [directory] = operands;
  return directory !== undefined && (operands.length === 1 || operands.length === 3)
    ? { kind: 'generate', root, directory }
    : { kind: 'usage', message: 'One or three directories are needed.' };
}
