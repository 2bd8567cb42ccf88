// The pagemap of what is still copied when the rest is mapped. Pure. CRIU finds a page's place in the pages image by
// adding up the pagemap, so the pages that stay keep their order and move up.

import { pageBytes, pagesOf, type Run } from './memory-areas.js';
import { pagemapEntry } from './schema.js';
import { getUint, setUint, type Message } from './wire.js';

/** A place in the old pages image. */
export interface PageRange {
  readonly page: number;
  readonly count: number;
}

export interface RemainingPages {
  readonly entries: readonly Message[];
  readonly kept: readonly PageRange[];
}

/** The entries of what is in no run, and where those pages lay. Both in the order of addresses; `pagemap` without its head. */
export function remainingPages(pagemap: readonly Message[], runs: readonly Run[]): RemainingPages {
  const entries: Message[] = [];
  const kept: PageRange[] = [];
  let page = 0;
  let next = 0;
  for (const entry of pagemap) {
    const { from, count, isPresent } = pagesOf(entry);
    if (!isPresent) {
      entries.push(entry);
      continue;
    }
    const to = from + count * pageBytes;
    const keep = (start: number, end: number): void => {
      if (start >= end) return;
      entries.push(
        start === from && end === to ? entry : resizeEntry(entry, start, (end - start) / pageBytes),
      );
      kept.push({ page: page + (start - from) / pageBytes, count: (end - start) / pageBytes });
    };
    let at = from;
    for (let run = runs[next]; run !== undefined && run.from < to; run = runs[next]) {
      keep(at, run.from);
      at = Math.min(run.to, to);
      if (run.to > to) break;
      next += 1;
    }
    keep(at, to);
    page += count;
  }
  return { entries, kept };
}

function resizeEntry(entry: Message, from: number, count: number): Message {
  const hasCount = getUint(entry, pagemapEntry.nr_pages) !== undefined;
  const field = hasCount ? pagemapEntry.nr_pages : pagemapEntry.compat_nr_pages;
  return setUint(setUint(entry, pagemapEntry.vaddr, from), field, count);
}
