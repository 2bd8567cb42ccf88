// Bundles one program into a single CommonJS file that needs nothing but Node. The only file that knows esbuild.
import { isBuiltin } from 'node:module';
import { build, type Metafile, type Plugin } from 'esbuild';
import { GrenadineError } from '../../generator/config/error.js';

export interface Bundle {
  readonly text: string;
  /** Every file that went in, relative to the repository. */
  readonly inputs: readonly string[];
}

/**
 * What dependencies require only on other roads than ours: dbus-next for passing file descriptors, for an X11 session
 * bus and for a bus behind a subprocess; systeminformation on macOS. They survive the absence of each.
 */
const absentPackages = [
  'usocket',
  'x11',
  'event-stream',
  'osx-temperature-sensor',
  'macos-temperature-sensor',
];

/** `entry` is a compiled module, relative to `root`. CommonJS: an ESM file without a suffix is not one to Node 20. */
export async function bundleProgram(root: string, entry: string): Promise<Bundle> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    banner: { js: '#!/usr/bin/node' },
    legalComments: 'eof',
    metafile: true,
    write: false,
    logLevel: 'silent',
    plugins: [leaveOut(absentPackages)],
  });
  // import.meta and the like compile, but are undefined in a CommonJS file: as good as an error.
  const [warning] = result.warnings;
  if (warning !== undefined) throw new GrenadineError('bad-bundle', `${entry}: ${warning.text}`);
  refuseForeignImports(entry, result.metafile);
  const text = result.outputFiles[0]?.text;
  if (text === undefined) throw new GrenadineError('bad-bundle', `${entry}: esbuild wrote nothing`);
  return { text, inputs: Object.keys(result.metafile.inputs).filter((path) => !path.includes(':')) };
}

/** Puts a module that throws in the place of each package, so that no directory is searched when it is required. */
function leaveOut(names: readonly string[]): Plugin {
  return {
    name: 'leave-out',
    setup(hooks) {
      hooks.onResolve({ filter: new RegExp(`^(?:${names.join('|')})$`) }, ({ path }) => ({
        path,
        namespace: 'absent',
      }));
      hooks.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not part of this program`)});`,
      }));
    },
  };
}

function refuseForeignImports(entry: string, metafile: Metafile): void {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const foreign = imports.find(({ path, external }) => external === true && !isBuiltin(path));
  if (foreign !== undefined)
    throw new GrenadineError('bad-bundle', `${entry}: '${foreign.path}' is left outside the bundle`);
}
