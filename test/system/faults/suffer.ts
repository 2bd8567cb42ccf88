/** Has the application suffer one fault: a client is answered, what is said is gathered, and the fault is mended. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readOutcomeFile, type Outcome } from '../../../activator/restore/outcome.js';
import { firstConnection, stop } from '../application.js';
import { bake, grenadine, jsonRows } from '../grenadine.js';
import { fetchFrom } from '../http-client.js';
import { journalCursor } from '../journal.js';
import { forgetOutcome } from '../outcome.js';
import { mustRun, runCommand } from '../run-command.js';
import { quarantined } from '../store.js';
import type { Fault, Injected } from './fault.js';
import { address, name, unit } from './faulty.js';

type Said = readonly (readonly [command: string, text: string])[];

export interface Suffered {
  readonly client: string;
  readonly said: Said;
}

const answerTimeoutMs = 30_000;
const takeInTimeoutMs = 5_000;

export async function suffer(fault: Fault): Promise<Suffered> {
  const snapshot = await snapshotThatServes();
  await stop(name);
  await forgetOutcome(name);
  const cursor = await journalCursor();
  const injected = await fault.inject(snapshot);
  let isMended = false;
  const mend = async (): Promise<void> => {
    if (!isMended) await injected.mend();
    isMended = true;
  };
  try {
    const startedMs = performance.now();
    const times = await answered(fault, { ...injected, mend });
    const ms = Math.round(performance.now() - startedMs);
    const outcome = await outcomeOf(fault);
    if (fault.from !== undefined && outcome !== undefined)
      assert.deepEqual([outcome.how, outcome.reason], [fault.from, fault.code]);
    const said = await hearInTime(cursor, fault);
    assert.match(allOf(said), fault.says);
    await mend();
    await assertSnapshot(fault, snapshot);
    const from = { restored: 'a restored process', cold: 'a cold boot' }[
      fault.from ?? outcome?.how ?? 'cold'
    ];
    const again = times === 1 ? '' : `, at the attempt number ${times}`;
    return { client: `was answered after ${ms} ms, from ${from}${again}`, said };
  } catch (error) {
    const journal = await mustRun(['journalctl', '--no-pager', `--after-cursor=${cursor}`]);
    throw new Error(`${fault.name}: ${String(error)}\n${journal}`, { cause: error });
  } finally {
    await mend();
  }
}

async function snapshotThatServes(): Promise<string> {
  const row = (await jsonRows('list', name)).find(({ valid }) => valid === true);
  return typeof row?.['id'] === 'string' ? row['id'] : bake(name);
}

/** Resolves once the client was, with how often it had to ask. */
async function answered(fault: Fault, { mend, felt }: Injected): Promise<number> {
  const deadline = AbortSignal.timeout(answerTimeoutMs);
  for (let times = 1; ; times++) {
    const answer = fetchFrom(address, '/', { timeoutMs: answerTimeoutMs });
    if (felt !== undefined) await felt().then(mend);
    try {
      assert.equal((await answer).status, 200);
      return times;
    } catch (error) {
      if (fault.clientTriesAgain !== true) throw error;
      deadline.throwIfAborted();
    }
  }
}

/** No operator asks as soon as the client is answered: the activator has looked at the host and the store by then. */
async function hearInTime(cursor: string, { says: words }: Fault): Promise<Said> {
  const deadline = AbortSignal.timeout(takeInTimeoutMs);
  for (;;) {
    const said = await hear(cursor);
    const text = allOf(said);
    const isTakenIn = !/is being set aside|If that is so still/.test(text);
    if ((words.test(text) && isTakenIn) || deadline.aborted) return said;
  }
}

function allOf(said: Said): string {
  return said.map(([, text]) => text).join('\n');
}

/** In the order in which an operator asks. */
async function hear(cursor: string): Promise<Said> {
  const status = await runCommand(['systemctl', 'status', '--no-pager', '--lines=0', unit]);
  const journal = ['journalctl', '--no-pager', '--output=cat', `--after-cursor=${cursor}`, '-u', unit];
  // One that hangs keeps both waiting, for as long as they like.
  const [shown, why] = await Promise.all([says('status', name), says('why', name)]);
  return [
    [`systemctl status ${name}`, /^ *Status: .*$/m.exec(status.stdout)?.[0].trim() ?? ''],
    [`journalctl -u ${name}`, (await mustRun(journal)).trimEnd()],
    [`grenadine status ${name}`, shown],
    [`grenadine why ${name}`, why],
  ];
}

/**
 * Waits for the outcome that the fault leads to, which the launcher writes a moment after the first answer: one that was
 * restored may fall. undefined where /run cannot be written.
 */
async function outcomeOf(fault: Fault): Promise<Outcome | undefined> {
  const deadline = AbortSignal.timeout(5000);
  for (;;) {
    const outcome = await readOutcomeFile(name);
    if (outcome !== undefined && (fault.from ?? outcome.how) === outcome.how) return outcome;
    if (deadline.aborted) return outcome;
    await new Promise(setImmediate);
  }
}

async function says(...words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await grenadine(...words);
  return (stderr + stdout).trimEnd();
}

async function assertSnapshot(fault: Fault, snapshot: string): Promise<void> {
  if (fault.snapshot === 'set aside') {
    await untilSetAside(snapshot);
    return;
  }
  assert.ok(!(await quarantined(name)).includes(snapshot), `${snapshot} was set aside`);
  if (fault.snapshot === 'stale') return;
  const { outcome } = await firstConnection(name, address);
  assert.deepEqual([outcome.how, outcome.snapshot], ['restored', snapshot]);
}

/** With the reason beside it. The activator hears of it with the report, or when it is back. */
async function untilSetAside(snapshot: string): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  const why = `/var/lib/grenadine/${name}/quarantine/${snapshot}/why`;
  while ((await readFile(why, 'utf8').catch(() => '')) === '') {
    if (deadline.aborted) throw new Error(`${snapshot} was not set aside`);
    await new Promise(setImmediate);
  }
}
