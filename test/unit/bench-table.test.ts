// The bench's tables and what stands in them: medians, the slow end, ratios, and those that could not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Question } from '../bench/question.js';
import { answerQuestion } from '../bench/results.js';
import { summarize } from '../bench/statistics.js';
import { renderRatios, renderResults } from '../bench/table.js';

const question: Question = {
  name: 'example',
  title: 'An example',
  rows: [
    { name: 'ours', what: 'link flipped, unit restarted, warm bootsnap', unit: 'ms' },
    { name: 'theirs', what: 'another program', unit: 'requests/s' },
    { name: 'none', what: 'what cannot be done', unit: 'ms' },
  ],
  ratios: [
    ['theirs', 'ours'],
    [{ row: 'ours', of: 'p99' }, 'ours'],
    ['none', 'ours'],
  ],
  prepare: () => Promise.resolve(),
  round: () => Promise.resolve([]),
};

const hundred = Array.from({ length: 101 }, (_, index) => index);
const answer = answerQuestion(question, [
  ...hundred.map((value) => ({ row: 'ours', value })),
  { row: 'theirs', value: 1234.5 },
  { row: 'none', refusal: 'no '.repeat(60) },
]);

test('of the numbers from 0 to 100, each percentile is itself, in whatever order they come', () => {
  const { lowerQuartile, median, upperQuartile, p90, p99 } = summarize([...hundred].reverse());
  assert.deepEqual([lowerQuartile, median, upperQuartile, p90, p99], [25, 50, 75, 90, 99]);
});

test('a percentile between two samples lies on the line between them', () => {
  assert.equal(summarize([10, 20]).p90, 19);
});

test('no samples make no figures', () => {
  const { count, median, p99 } = summarize([]);
  assert.equal(count, 0);
  assert.ok(Number.isNaN(median) && Number.isNaN(p99));
});

test('a ratio is of the medians where it names no other statistic, and its name says which', () => {
  assert.deepEqual(Object.keys(answer.ratios), ['theirs / ours', 'ours p99 / ours']);
  assert.equal(answer.ratios['ours p99 / ours'], 99 / 50);
});

test('a ratio below ten has two decimals', () => {
  assert.equal(renderRatios({ 'a / b': 0.984, 'c / d': 39.94 }), 'a / b = 0.98\nc / d = 39.9\n');
});

test('the rows of a table fit a hundred columns', () => {
  const lines = renderResults(answer.results).split('\n').slice(0, 4);
  for (const line of lines) assert.ok(line.length <= 100, line);
  assert.match(lines[0] ?? '', /n +min +median +p90 +p99 +max$/);
});

test('what a row without figures said stands below the table', () => {
  assert.match(renderResults(answer.results), /\nwhat cannot be done said: no no /);
});
