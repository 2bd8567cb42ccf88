// The bench's plots: every row is labelled, with its median, and what could not be measured says why.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawAnswer } from '../bench/plot.js';
import type { Question } from '../bench/question.js';
import { answerQuestion } from '../bench/results.js';

const question: Question = {
  name: 'example',
  title: 'Cold & warm',
  rows: [
    { name: 'warm', what: 'a warm start', unit: 'ms' },
    { name: 'cold', what: 'a cold start', unit: 'ms' },
    { name: 'other', what: 'another program', unit: 'ms' },
  ],
  ratios: [
    ['cold', 'warm'],
    ['other', 'warm'],
  ],
  prepare: () => Promise.resolve(),
  round: () => Promise.resolve([]),
};

const answer = answerQuestion(question, [
  ...[10, 12, 11].map((value) => ({ row: 'warm', value })),
  ...[900, 1100, 1000].map((value) => ({ row: 'cold', value })),
  { row: 'other', refusal: 'no such <feature>' },
]);

test('a row that was refused has no figures, and no ratio is made of it', () => {
  assert.equal(answer.results[2]?.refusal, 'no such <feature>');
  assert.deepEqual(answer.results[2].samples, []);
  assert.deepEqual(Object.keys(answer.ratios), ['cold / warm']);
  assert.equal(answer.ratios['cold / warm']?.toFixed(1), '90.9');
});

test('a plot names each row and its median, and says why a row is missing', () => {
  const svg = drawAnswer(answer);
  for (const text of [
    'a warm start',
    'a cold start',
    '11.0',
    '1000',
    'another program: no such &lt;feature&gt;',
  ])
    assert.ok(svg.includes(text), text);
  assert.ok(svg.includes('Cold &amp; warm'));
});

test('a plot of two decades is drawn on a logarithmic scale, and says so', () => {
  assert.match(drawAnswer(answer), /logarithmic/);
});

test('a plot is the same for the same samples', () => {
  assert.equal(drawAnswer(answer), drawAnswer(answer));
});

test('what is counted in another unit has a scale of its own', () => {
  const memory = { name: 'memory', what: 'its memory', unit: 'MiB' } as const;
  const both = answerQuestion({ ...question, rows: [...question.rows, memory] }, [
    { row: 'warm', value: 10 },
    { row: 'memory', value: 4000 },
  ]);
  const svg = drawAnswer(both);
  assert.match(svg, /MiB; the box/);
  assert.match(svg, /ms; the box/);
});
