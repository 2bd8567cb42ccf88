/** Reads the journal through journalctl(1): what was logged since a point in time, and the wait for an entry. */
import { constants } from 'node:os';
import { firstLine, mustRun } from './run-command.js';

export interface Entry {
  readonly message: string;
  /** Every field of the entry, as journalctl prints it. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The MESSAGE_IDs of `Main process exited`, which has EXIT_CODE= and EXIT_STATUS=, and of `Deactivated successfully`. */
const unitProcessExited = '98e322203f7a4ed290d09fe03c09fe15';
const unitSuccess = '7ad2d189f7e94e70a38c781354912448';

/** Where the journal stands now. */
export async function journalCursor(): Promise<string> {
  await mustRun(['journalctl', '--sync']);
  const text = await mustRun(['journalctl', '--lines=1', '--output=json', '--output-fields=MESSAGE']);
  const cursor = readEntry(text.trim()).fields['__CURSOR'];
  if (typeof cursor === 'string') return cursor;
  throw new Error('the journal is empty');
}

/** What the processes of a unit wrote since the cursor; not what systemd says of the unit. */
export async function linesOf(unit: string, cursor: string): Promise<readonly string[]> {
  await mustRun(['journalctl', '--sync']);
  const text = await mustRun([...query(cursor), '--output-fields=MESSAGE', `_SYSTEMD_UNIT=${unit}`]);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => readEntry(line).message);
}

/** The first entry since the cursor that a process of the unit wrote and that reads, or matches, `message`. */
export async function waitForLine(unit: string, message: string | RegExp, cursor: string): Promise<Entry> {
  const isWanted = (line: string): boolean => {
    const said = readEntry(line).message;
    return typeof message === 'string' ? said === message : message.test(said);
  };
  return readEntry(
    await firstLine([...query(cursor), '--follow', '--no-tail', `_SYSTEMD_UNIT=${unit}`], isWanted),
  );
}

/** How systemd saw the main process of the unit fail, first since the cursor: `exited 7`, `killed SIGSEGV`. */
export async function waitForFailure(unit: string, cursor: string): Promise<string> {
  const { fields } = await waitForSystemd(unit, unitProcessExited, cursor);
  const code = String(fields['EXIT_CODE']);
  const status = Number(fields['EXIT_STATUS']);
  const signal = Object.entries(constants.signals).find(([, number]) => number === status)?.[0];
  return `${code} ${code === 'exited' ? status : (signal ?? status)}`;
}

/** Until systemd says that the unit ended well. */
export async function waitForSuccess(unit: string, cursor: string): Promise<void> {
  await waitForSystemd(unit, unitSuccess, cursor);
}

async function waitForSystemd(unit: string, messageId: string, cursor: string): Promise<Entry> {
  const matches = [`UNIT=${unit}`, `MESSAGE_ID=${messageId}`];
  return readEntry(await firstLine([...query(cursor), '--follow', '--no-tail', ...matches], () => true));
}

function query(cursor: string): readonly string[] {
  return ['journalctl', '--output=json', '--all', `--after-cursor=${cursor}`];
}

function readEntry(line: string): Entry {
  const fields: unknown = line === '' ? {} : JSON.parse(line);
  if (typeof fields !== 'object' || fields === null) throw new Error(`not a journal entry: ${line}`);
  const record: Readonly<Record<string, unknown>> = { ...fields };
  const message = record['MESSAGE'];
  return { message: typeof message === 'string' ? message : '', fields: record };
}
