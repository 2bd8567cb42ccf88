/**
 * Draws an answer as SVG: a box for each row over its samples, with the median beside it, a panel for each unit, and
 * the phases, if there are any, as one bar. The one place that knows Observable Plot and its document. Colours are of Okabe and Ito's
 * palette; texts follow the reader's colour scheme.
 */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Answer, Result } from './results.js';

const width = 820;
const rowHeight = 30;
const labelWidth = 300;
/** More than that between the quickest and the slowest, and the quick ones would be a line at the edge. */
const linearRange = 12;

const blue = '#0072b2';
const palette = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

/** A panel of its own behind it all, so that it can be read on whatever page it lies. */
const style = `
svg.bench{--ink:#1f2328;--paper:#ffffff;--line:#d0d7de;color:var(--ink);font:13px system-ui,sans-serif}
@media (prefers-color-scheme:dark){svg.bench{--ink:#e6edf3;--paper:#0d1117;--line:#30363d}}
.paper{fill:var(--paper)}.title{font-size:15px;font-weight:600}
text{fill:currentColor}`;

interface Drawn {
  readonly text: string;
  readonly height: number;
}

export function drawAnswer({ title, note, results, phases }: Answer): string {
  const measured = results.filter(({ name, samples }) => samples.length > 0 && !phases.includes(name));
  // What is counted in one unit cannot be held against what is counted in another.
  const units = [...new Set(measured.map(({ unit }) => unit))];
  const parts = units.map((unit) => drawBoxes(measured.filter((result) => result.unit === unit)));
  const steps = results.filter(({ name }) => phases.includes(name));
  if (steps.length > 0) parts.push(drawPhases(steps));
  const refusals = results.flatMap(({ what, refusal }) =>
    refusal === undefined ? [] : [`${what}: ${refusal}`],
  );
  const lines = [...(note === '' ? [] : [note]), ...refusals].flatMap(wrap);
  let y = 48;
  const bodies = parts.map(({ text, height }) => {
    const placed = `<g transform="translate(0 ${y})">${text}</g>`;
    y += height;
    return placed;
  });
  const notes = lines.map(
    (line, index) => `<text x="16" y="${y + 14 + index * 17}" font-size="12">${escape(line)}</text>`,
  );
  const height = y + 14 + lines.length * 17 + 8;
  return `<svg class="bench" xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${style}</style><rect class="paper" width="${width}" height="${height}" rx="6"/>
<text class="title" x="16" y="28">${escape(title)}</text>
${bodies.join('\n')}
${notes.join('\n')}
</svg>
`;
}

function drawBoxes(results: readonly Result[]): Drawn {
  const samples = results.flatMap(({ what, samples: values }) => values.map((value) => ({ what, value })));
  const values = samples.map(({ value }) => value);
  const least = Math.min(...values);
  const most = Math.max(...values);
  const isWide = most / least > linearRange;
  const unit = results[0]?.unit ?? 'ms';
  const height = results.length * rowHeight + 60;
  const label = `${unit}${isWide ? ', logarithmic' : ''}; the box spans the quartiles, the line is the median`;
  const medians = results.map(({ what, summary }) => ({ what, ...summary }));
  return render(height, {
    x: {
      type: isWide ? 'log' : 'linear',
      domain: [isWide ? least / 1.3 : 0, most * (isWide ? 2 : 1.15)],
      label,
      ticks: 8,
    },
    y: { domain: results.map(({ what }) => what), label: null, tickSize: 0 },
    marks: [
      Plot.gridX({ stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.boxX(samples, {
        x: 'value',
        y: 'what',
        fill: blue,
        fillOpacity: 0.55,
        stroke: 'currentColor',
        r: 2,
      }),
      Plot.text(medians, {
        ...{ x: 'maximum', y: 'what', dx: 8, textAnchor: 'start', fontWeight: 600 },
        text: (row: { readonly median: number }) => figure(row.median),
      }),
    ],
  });
}

function drawPhases(steps: readonly Result[]): Drawn {
  let end = 0;
  const bars = steps.map(({ what, summary }) => {
    const from = end;
    end += summary.median;
    return { what: `${what} (${figure(summary.median)})`, from, to: end };
  });
  return render(steps.length * rowHeight + 60, {
    x: { domain: [0, end * 1.02], label: 'ms from the beginning, by the medians of the steps' },
    y: { domain: bars.map(({ what }) => what), label: null, tickSize: 0 },
    color: { domain: bars.map(({ what }) => what), range: palette },
    marks: [
      Plot.gridX({ stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.barX(bars, { x1: 'from', x2: 'to', y: 'what', fill: 'what', insetTop: 5, insetBottom: 5 }),
    ],
  });
}

/** Both packages speak of the browser's types, which a program of Node does not have: what is used is named here. */
function render(height: number, options: Plot.PlotOptions): Drawn {
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as {
    document: object;
  };
  const plot = Plot.plot({
    ...{ document, width, height, marginLeft: labelWidth, marginRight: 40, marginBottom: 46 },
    style: { background: 'none', fontSize: '13px' },
    ...options,
  }) as unknown as { outerHTML: string };
  return { text: plot.outerHTML, height };
}

function figure(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function wrap(line: string): readonly string[] {
  return line.match(/.{1,125}(?:\s|$)|\S{1,125}/g)?.map((part) => part.trim()) ?? [];
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
