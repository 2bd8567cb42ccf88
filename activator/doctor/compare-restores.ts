// `grenadine doctor NAME --uniqueness`: a bake that publishes nothing, whose draft is restored twice. Both are asked the same,
// and what they gave out alike is said.

import type { ApplicationState } from '../applications.js';
import { bootAside, dumpInto, firstAddress, proveDump, withWorkbench, type BakeTools } from '../bake/bake.js';
import type { Answer } from '../bake/repeated-tokens.js';
import type { Launcher } from '../control/control-client.js';
import { waitUntilReady } from '../bake/warm-up.js';
import { askOften } from './ask-often.js';
import { failure } from './examine.js';
import { held, obstacle, type Finding } from './finding.js';
import { uniquenessFindings } from './uniqueness-findings.js';

const proofTimeoutMs = 65_000;

const withoutRequests = obstacle(
  'answers',
  'Send=',
  'speaks neither HTTP nor FastCGI, so that nothing can be asked',
  'compare by hand what two restores give out',
);

/** `path` undefined is ReadyPath=. Nothing that serves is touched, nothing is left in the store. */
export async function compareRestores(
  state: ApplicationState,
  path: string | undefined,
  tools: BakeTools,
): Promise<readonly Finding[]> {
  const { application } = state;
  if (application.warmup.send.length > 0) return [withoutRequests];
  const asked = path ?? application.warmup.readyPath;
  const draft = await tools.store.beginBake(application.name);
  const ask = async (launcher: Launcher, which: string): Promise<readonly Answer[]> => {
    tools.progress('asking', `${which} restore`);
    const address = await firstAddress(launcher, application.name);
    return await Promise.race([askOften(address, asked, application, tools.nowMs), launcher.gone]);
  };
  try {
    const one = await withWorkbench(state, tools, async (launcher) => {
      const { coldMs } = await bootAside(state, launcher, tools);
      const dump = await dumpInto(draft, state, launcher, 'kill', tools);
      await proveDump(asOnce(state), launcher, tools, draft, { ...dump, coldMs, environment: [] });
      return ask(launcher, 'first');
    });
    const other = await withWorkbench(state, tools, async (launcher) => {
      await launcher.prove(draft, proofTimeoutMs);
      const address = await firstAddress(launcher, application.name);
      await Promise.race([waitUntilReady(address, application.warmup, tools.nowMs), launcher.gone]);
      return ask(launcher, 'second');
    });
    return [
      held('answers', `${one.length} and ${other.length} to GET ${asked}`, 'of two restores of one snapshot'),
      ...uniquenessFindings(one, other, asked, tools.nowMs()),
    ];
  } catch (error) {
    return [failure(error, application.name)];
  } finally {
    await tools.store.discard(draft);
  }
}

/** So that the proof does not compare, too. */
function asOnce(state: ApplicationState): ApplicationState {
  const { application } = state;
  return {
    ...state,
    application: { ...application, snapshot: { ...application.snapshot, reuse: 'once' } },
  };
}
