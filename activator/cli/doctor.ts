// `grenadine doctor`: asks the activator for a diagnosis of the host, or of one application, and shows it row by row, with
// what to do.

import { GrenadineError } from '../../generator/config/error.js';
import { text, type Client, type Row } from './client.js';
import { exitStatus, statusOf } from './exit-status.js';
import { progressLine } from './progress.js';
import { askWhy } from './read.js';
import type { Terminal } from './show.js';
import { renderTable, type Column } from './table.js';
import { renderJson } from './visible.js';

/** The application that the activator makes, bakes and takes away again; its phases are ours. */
const canary = 'grenadine-doctor';

const checkColumns: readonly Column<Row>[] = [
  { title: 'CHECK', cell: (row) => text(row, 'check') },
  { title: 'RESULT', cell: (row) => text(row, 'result') },
  { title: 'DETAIL', cell: (row) => text(row, 'detail') },
];

const findingColumns: readonly Column<Row>[] = [
  { title: 'HOLDS', cell: (row) => text(row, 'holds') },
  { title: 'WHAT', cell: (row) => (text(row, 'what') === '' ? '-' : text(row, 'what')) },
  { title: 'RESULT', cell: (row) => text(row, 'result') },
  { title: 'HANDLING', cell: (row) => text(row, 'handling') },
];

/** Rejects with `obstacle` after all is shown where something stands in the way. */
export async function diagnose(
  openClient: () => Promise<Client>,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const rows = await diagnosis(openClient, terminal);
  terminal.out(json ? renderJson(rows) : renderDiagnosis(rows));
  mustAllBeWell(rows, 'checks failed: this host does not restore snapshots yet');
}

/** The same of one application. */
export async function examine(
  client: Client,
  name: string,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const progress = progressLine(terminal);
  await client.onProgress(name, progress.show);
  const rows = await client.rows('Examine', [name]).finally(progress.end);
  terminal.out(json ? renderJson(rows) : renderExamination(rows));
  mustAllBeWell(rows, `rows stand in the way of a snapshot of ${name}`);
}

/** What two restores of a snapshot of it answer alike, to `path` or to the readiness question. */
export async function compareRestores(
  client: Client,
  name: string,
  path: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const progress = progressLine(terminal);
  await client.onProgress(name, progress.show);
  const rows = await client.rows('CompareRestores', [name, path ?? '']).finally(progress.end);
  terminal.out(json ? renderJson(rows) : renderExamination(rows));
  mustAllBeWell(rows, `rows say that two restores of ${name} repeat something, or that nobody knows`);
}

function mustAllBeWell(rows: readonly Row[], what: string): void {
  const failed = rows.filter((row) => text(row, 'result') === 'failed').length;
  if (failed > 0) throw new GrenadineError('obstacle', `${failed} of ${rows.length} ${what}`);
}

/** An activator that cannot be reached is a finding, not an error. */
async function diagnosis(openClient: () => Promise<Client>, terminal: Terminal): Promise<readonly Row[]> {
  const row = { check: 'activator', result: 'ok', detail: 'answers on the bus', advice: '' };
  try {
    const client = await openClient();
    try {
      const progress = progressLine(terminal);
      await client.onProgress(canary, progress.show);
      const rows = await client.rows('Diagnose', []).finally(progress.end);
      return [row, ...rows];
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof GrenadineError) || statusOf(error) !== exitStatus.unreachable) throw error;
    const { fault, mend } = await askWhy(error);
    return [{ ...row, result: 'failed', detail: fault, advice: mend }];
  }
}

/** The table, then what to do, a line for each row that says so. */
export function renderDiagnosis(rows: readonly Row[]): string {
  return withAdvice(renderTable(checkColumns, rows), rows, (row) => text(row, 'check'));
}

export function renderExamination(rows: readonly Row[]): string {
  return withAdvice(renderTable(findingColumns, rows), rows, (row) =>
    `${text(row, 'holds')} ${text(row, 'what')}`.trim(),
  );
}

function withAdvice(table: string, rows: readonly Row[], subject: (row: Row) => string): string {
  const advice = rows
    .filter((row) => text(row, 'advice') !== '')
    .map((row) => `${subject(row)}: ${text(row, 'advice')}.\n`);
  return [table, ...(advice.length === 0 ? [] : ['\n', ...advice])].join('');
}
