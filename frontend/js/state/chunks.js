// The pages of a block as chunks: each head with what follows it, at its order. Pages that are alike and stand
// alone (reserved, offline, holes) are one run.

import { ISOLATE } from './vocabulary.js';

/**
 * @typedef {import('./pagespan.js').PageSpan} PageSpan
 * @typedef {import('./picture.js').PagesPicture} PagesPicture
 * @typedef {{head: number, size: number, pfn: number, pages: number, kind: number, order: number, type: number,
 *   lru: boolean, anon: boolean, pcpList: number, above: boolean, below: boolean}} Chunk
 *   `anon`: on the LRU, of a process and not of a file. The whole of it: `head` (−1: not among the pages asked for) and `size`. What of it is shown: `pfn` and `pages`.
 *   `above` and `below`: it goes on before or after what is shown.
 * @typedef {{span: PageSpan, chunks: readonly Chunk[]}} BlockPages the same object until a page changes
 */

/** By the high four bits of a page's state; `outside` is the page's own: no page of this zone. */
export const KIND = { tail: 0, free: 1, allocated: 2, pinned: 3, pcp: 4, reserved: 5, offline: 6, hole: 7, migrating: 8, freeing: 9, outside: 10, transit: 11 };

/** @param {number} kind */
const isRun = (kind) => kind === KIND.reserved || kind === KIND.offline || kind === KIND.hole || kind === KIND.outside || kind === KIND.transit;
/** Whether a chunk of this kind has an order. @param {number} kind */
export const hasOrder = (kind) => kind === KIND.free || kind === KIND.allocated || kind === KIND.pinned || kind === KIND.pcp || kind === KIND.migrating || kind === KIND.freeing;

/**
 * The chunks of a span, ascending, without a gap.
 * @param {PagesPicture} pages
 * @param {PageSpan} span
 * @returns {Chunk[]}
 */
export function chunksOf(pages, span) {
  const end = span.first + span.count;
  /** @type {Chunk[]} */
  const chunks = [];
  for (let pfn = Math.min(span.first, pages.firstPfn); pfn < end;) {
    const chunk = read(pages, pfn);
    const next = chunk.head + chunk.size;
    const last = chunks[chunks.length - 1];
    if (next > span.first) {
      if (last && last.kind === chunk.kind && (isRun(chunk.kind) || chunk.kind === KIND.tail)) last.size += chunk.size;
      else chunks.push(chunk);
    }
    pfn = next;
  }
  return chunks.map((chunk) => clipped(chunk, span, end));
}

/**
 * @param {PagesPicture} pages
 * @param {number} pfn
 * @returns {Chunk}
 */
function read({ firstPfn, state, attributes }, pfn) {
  const at = pfn - firstPfn;
  const outside = at < 0 || at >= state.length;
  const kind = outside ? KIND.outside : state[at] >> 4;
  const attribute = outside ? 0 : attributes[at];
  const order = hasOrder(kind) ? state[at] & 15 : 0;
  return {
    head: pfn, size: 2 ** order, pfn, pages: 1, kind, order, type: attribute & 7, lru: (attribute & 8) !== 0, anon: (attribute & 0x48) === 0x48,
    pcpList: (attribute >> 4) & 3, above: false, below: false,
  };
}

/**
 * @param {Chunk} chunk
 * @param {PageSpan} span
 * @param {number} end
 * @returns {Chunk}
 */
function clipped(chunk, span, end) {
  const run = isRun(chunk.kind);
  const tail = chunk.kind === KIND.tail;
  const pfn = Math.max(chunk.head, span.first);
  const past = Math.min(chunk.head + chunk.size, end);
  return {
    ...chunk, pfn, pages: past - pfn, head: tail ? -1 : run ? pfn : chunk.head, size: run ? past - pfn : chunk.size,
    above: tail || (!run && chunk.head < span.first), below: !run && chunk.head + chunk.size > end,
  };
}

/**
 * @param {readonly Chunk[]} chunks
 * @param {number} pfn
 * @returns {Chunk|null}
 */
export function chunkAt(chunks, pfn) {
  let low = 0;
  let high = chunks.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const chunk = chunks[middle];
    if (pfn < chunk.pfn) high = middle - 1;
    else if (pfn >= chunk.pfn + chunk.pages) low = middle + 1;
    else return chunk;
  }
  return null;
}

/**
 * Where a free chunk lies on another list than its block's: on the other side of ISOLATE, or on another type's.
 * @param {Chunk} chunk
 * @param {number} blockType −1: not known
 * @returns {''|'stray'|'other'}
 */
export function strayed(chunk, blockType) {
  if (chunk.kind !== KIND.free || blockType < 0 || chunk.type === blockType) return '';
  return (chunk.type === ISOLATE) !== (blockType === ISOLATE) ? 'stray' : 'other';
}
