/** The steps of the demonstration that happen under load: a deployment, the switch to it, and the way back. */
import { inBed } from '../apps/deploy-in-bed.js';
import type { Bed } from '../bed/bed.js';
import { followLoad, loadArgv, nowUs, type Load } from '../load/load.js';
import { tallyOf, wrongRevisions, type Switch, type Tally } from '../load/tally.js';
import type { Screen } from './terminal.js';

const clients = { port: 3000, path: '/articles', kept: 4, fresh: 4 };
/** Enough to see who answers, between two events. */
const requests = 100;
const bakeTimeoutSec = 60;
/** Where the journal stood when the deployment began. */
const cursor = '/run/demo-cursor';

/** Release 2 is deployed while release 1 serves, takes over, and makes way for release 1 again. Every request counts. */
export async function deployUnderLoad(bed: Bed, screen: Screen): Promise<Tally> {
  screen.step('Eight clients ask without a pause; release 2 is deployed');
  await inBed(bed, 'rm', '/etc/grenadine/grenadine.conf.d/50-manual.conf');
  await inBed(bed, 'systemctl', 'daemon-reload');
  await inBed(bed, 'journalctl', '--quiet', '--lines=0', `--cursor-file=${cursor}`);
  const program = await bed.spawn(loadArgv(clients), { stdin: 'pipe', stderr: 'inherit' });
  try {
    const load = followLoad(program);
    await load.more(requests);
    const switches: Switch[] = [{ askedUs: 0, doneUs: 0, revision: '1' }];
    switches.push(await deploy(bed, load, screen));
    screen.step('grenadine restore rails 2: back to the snapshot of release 1');
    switches.push(await seen(load, screen, '1', () => inBed(bed, 'grenadine', 'restore', 'rails', '2')));
    const exchanges = await load.stop();
    const wrong = wrongRevisions(exchanges, switches);
    if (wrong.length > 0) throw new Error(`${wrong.length} answers of the wrong release: ${wrong[0] ?? ''}`);
    return judge(tallyOf(exchanges), screen);
  } finally {
    await program.kill();
  }
}

/** Nothing but the link that the deploy script flips tells Grenadine of it. */
async function deploy(bed: Bed, load: Load, screen: Screen): Promise<Switch> {
  const askedUs = nowUs();
  await inBed(bed, '/src/test/apps/rails/deploy');
  screen.fact('/srv/rails/current leads to release 2', seconds(nowUs() - askedUs));
  await untilSaid(bed, 'published snapshot');
  screen.fact('it was noticed, booted aside, warmed up, dumped and proved', seconds(nowUs() - askedUs));
  return { ...(await seen(load, screen, '2', () => untilSaid(bed, 'switched to release 2'))), askedUs };
}

/** Until the activator has said it of the application, since the demonstration let it bake by itself. */
async function untilSaid(bed: Bed, what: string): Promise<string> {
  const journal = `journalctl --unit=grenadine-activator.service --after-cursor="$(cat ${cursor})" --output=cat`;
  const wait = `until ${journal} | grep '^rails: ${what}'; do sleep 0.05; done`;
  const { status, stdout } = await bed.run(['timeout', `${bakeTimeoutSec}`, 'sh', '-c', wait]);
  if (status !== 0) throw new Error(`the activator did not say '${what}' within ${bakeTimeoutSec} s`);
  return stdout.trim();
}

/** Does `act`, and sees to it that clients were answered after it. By whom is judged when all is over. */
async function seen(
  load: Load,
  screen: Screen,
  revision: string,
  act: () => Promise<string>,
): Promise<Switch> {
  const askedUs = nowUs();
  const said = await act();
  const doneUs = nowUs();
  if (said !== '') screen.show(said);
  screen.fact('done after', seconds(doneUs - askedUs));
  await load.more(requests);
  screen.fact('who answers now', `release ${revisionOfLast(load)}`);
  return { askedUs, doneUs, revision };
}

function revisionOfLast({ exchanges }: Load): string {
  const result = exchanges.at(-1)?.result;
  return result?.kind === 'answered' ? result.revision : '?';
}

function judge(tally: Tally, screen: Screen): Tally {
  const { failures, repeated, longestMs, longestSilenceMs } = tally;
  screen.fact('requests', `${tally.requests}`);
  screen.fact('failed', `${failures.length}`);
  screen.fact('the longest that one client waited', `${longestMs.toFixed(0)} ms`);
  screen.fact('the longest that nobody was answered', `${longestSilenceMs.toFixed(0)} ms`);
  if (failures.length > 0) throw new Error(`${failures.length} requests failed: ${failures[0] ?? ''}`);
  if (repeated > 0) throw new Error(`${repeated} requests had to be asked again`);
  return tally;
}

function seconds(us: number): string {
  return `${(us / 1e6).toFixed(1)} s`;
}
