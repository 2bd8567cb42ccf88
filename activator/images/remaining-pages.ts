// The pagemap of what is still copied when the rest is mapped. Pure. CRIU finds a page's place in the pages image by
// adding up the pagemap, so the pages that stay keep their order and move up.
//
// Of these, pages of zeros go, too, where memory is anonymous: what the pagemap does not have is zeros there. Ruby, for
// one, touches all of its stack when it boots, 8 MiB of nothing.

import { boundsOf, isAnonymous, pageBytes, pagesOf, type Run } from './memory-areas.js';
import { pagemapEntry } from './schema.js';
import { getUint, setUint, type Message } from './wire.js';

/** A place in the old pages image. */
export interface PageRange {
  readonly page: number;
  readonly count: number;
}

export interface RemainingPages {
  readonly entries: readonly Message[];
  /** One for each entry that is present, in their order. */
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

/** The same without the pages of anonymous memory that are among `zeros`, numbers in the old pages image. */
export function withoutZeros(
  { entries, kept }: RemainingPages,
  areas: readonly Message[],
  zeros: ReadonlySet<number>,
): RemainingPages {
  const anonymous = areas.filter(isAnonymous).map(boundsOf);
  const left: { readonly entry: Message; readonly range: PageRange | undefined }[] = [];
  let next = 0;
  let area = 0;
  for (const entry of entries) {
    const { from, isPresent } = pagesOf(entry);
    const range = isPresent ? kept[next] : undefined;
    if (range === undefined) {
      left.push({ entry, range });
      continue;
    }
    next += 1;
    let begin = 0;
    const keep = (end: number): void => {
      if (begin === end) return;
      left.push({
        entry:
          end - begin === range.count ? entry : resizeEntry(entry, from + begin * pageBytes, end - begin),
        range: { page: range.page + begin, count: end - begin },
      });
    };
    for (let index = 0; index < range.count; index += 1) {
      const at = from + index * pageBytes;
      while ((anonymous[area]?.to ?? Infinity) <= at) area += 1;
      if (!zeros.has(range.page + index) || (anonymous[area]?.from ?? Infinity) > at) continue;
      keep(index);
      begin = index + 1;
    }
    keep(range.count);
  }
  return {
    entries: left.map(({ entry }) => entry),
    kept: left.flatMap(({ range }) => range ?? []),
  };
}

function resizeEntry(entry: Message, from: number, count: number): Message {
  const hasCount = getUint(entry, pagemapEntry.nr_pages) !== undefined;
  const field = hasCount ? pagemapEntry.nr_pages : pagemapEntry.compat_nr_pages;
  return setUint(setUint(entry, pagemapEntry.vaddr, from), field, count);
}
