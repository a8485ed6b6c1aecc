import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkName, obstacle, pageWords, sumWords } from '../../frontend/js/draw/chunkwords.js';
import { gridFor } from '../../frontend/js/draw/geometry.js';
import { kindsOf } from '../../frontend/js/draw/pagekey.js';
import { chunkAt, chunksOf, KIND, strayed } from '../../frontend/js/state/chunks.js';
import { neighbour, spanOf } from '../../frontend/js/state/pagespan.js';

/** @param {Record<string, number>} config @param {Record<string, number>} zone */
const zoneOf = (config, zone) => {
  const shape = { start_pfn: 0, spanned_pages: 4096, pageblock_order: 9, max_order: 11, ...config };
  const blocks = { nr_pageblocks: 8, first_block_pfn: 0, ...zone };
  const row = { zone: 'Normal', start_pfn: shape.start_pfn, spanned_pages: shape.spanned_pages, first_block: 0, nr_pageblocks: blocks.nr_pageblocks };
  return /** @type {any} */ ({ config: shape, zone: blocks, zones: [row] });
};
const SMALL = zoneOf({ pageblock_order: 3, max_order: 6, start_pfn: 32, spanned_pages: 64 }, { first_block_pfn: 32, nr_pageblocks: 8 });

/**
 * @param {number} firstPfn
 * @param {number[]} state
 * @param {number[]} [attributes]
 */
const picture = (firstPfn, state, attributes = state.map(() => 0)) =>
  ({ view: 1, seq: 1, op: 1, firstPfn, state: Uint8Array.from(state), attributes: Uint8Array.from(attributes) });

/** @param {any} state @param {number} block @param {number} [part] */
function mustSpan(state, block, part) {
  const span = spanOf(state, block, part);
  assert.ok(span);
  return span;
}
const zeros = (/** @type {number} */ n) => new Array(n).fill(0);

test('a block is asked for with all that a chunk over it could cover', () => {
  const { first, count, from, pages, parts } = mustSpan(zoneOf({}, {}), 3);
  assert.deepEqual({ first, count, from, pages, parts }, { first: 1536, count: 512, from: 1024, pages: 1024, parts: 1 });
  assert.equal(spanOf(zoneOf({}, {}), 8), null);
  assert.equal(spanOf(zoneOf({}, {}), -1), null);
});

test('what is asked for never reaches out of the zone', () => {
  const ragged = zoneOf({ start_pfn: 300, spanned_pages: 2000 }, { nr_pageblocks: 5 });
  const low = mustSpan(ragged, 0);
  assert.deepEqual([low.first, low.count, low.from, low.pages], [0, 512, 300, 724]);
  const high = mustSpan(ragged, 4);
  assert.deepEqual([high.first, high.count, high.from, high.pages], [2048, 512, 2048, 252]);
});

test('a block of more than 4096 pages is shown in parts', () => {
  const large = zoneOf({ pageblock_order: 13, max_order: 14, spanned_pages: 32768 }, { nr_pageblocks: 4 });
  const second = mustSpan(large, 1, 1);
  assert.deepEqual([second.first, second.count, second.from, second.pages, second.parts], [12288, 4096, 12288, 4096, 2]);
  assert.deepEqual(neighbour(second, large, 1), { block: 2, part: 0 });
  assert.deepEqual(neighbour(second, large, -1), { block: 1, part: 0 });
  assert.equal(neighbour(mustSpan(large, 3, 1), large, 1), null);
});

test('pages become chunks at their order, runs of lone pages one', () => {
  const span = mustSpan(SMALL, 0);
  const state = [0x12, 0, 0, 0, 0x20, 0x40, 0x60, 0x60, ...zeros(24)];
  const attributes = [2, 0, 0, 0, 8 | 2, 1 | (1 << 4), 0, 0, ...zeros(24)];
  const chunks = chunksOf(picture(32, state, attributes), span);
  assert.deepEqual(chunks.map(({ pfn, pages, kind }) => [pfn, pages, kind]), [[32, 4, KIND.free], [36, 1, KIND.allocated], [37, 1, KIND.pcp], [38, 2, KIND.offline]]);
  assert.equal(pageWords(34, chunks[0], span), 'PFN 34: free, order 2 (4 pages from 32), on Movable');
  assert.equal(pageWords(36, chunks[1], span), 'PFN 36: allocated, order 0, for Movable, on the LRU, of a file');
  assert.equal(pageWords(37, chunks[2], span), 'PFN 37: on the pcp list of Reclaimable');
  assert.equal(pageWords(39, chunks[3], span), 'PFN 39: offline (2 pages alike from 38)');
  assert.equal(chunkName(34, chunks[0]), 'PFN 32, free, order 2');
  assert.equal(sumWords(chunks, span), 'Block 0, PFN 32 to 39: 4 free, 1 allocated, 1 on pcp, 2 offline, 1 on the LRU.');
  assert.equal(chunkAt(chunks, 35), chunks[0]);
  assert.equal(chunkAt(chunks, 40), null);
});

test('a chunk from another block is told whole, and its edges are open', () => {
  const state = [0x25, ...zeros(31)];
  const parts = [0, 1, 3].map((block) => {
    const span = mustSpan(SMALL, block);
    const [chunk, ...more] = chunksOf(picture(32, state), span);
    assert.equal(more.length, 0);
    return { chunk, words: pageWords(span.first, chunk, span), pages: [chunk.pfn, chunk.pages] };
  });
  assert.deepEqual(parts.map(({ chunk }) => [chunk.above, chunk.below]), [[false, true], [true, true], [true, false]]);
  assert.deepEqual(parts.map(({ pages }) => pages), [[32, 8], [40, 8], [56, 8]]);
  assert.match(parts[0].words, /order 5 \(32 pages from 32\), for Unmovable, reaches into block 3$/);
  assert.match(parts[1].words, /begins in block 0, reaches into block 3$/);
  assert.match(parts[2].words, /begins in block 0$/);
});

test('a chunk whose head is not among the pages says so and cannot be acted on', () => {
  const large = zoneOf({ pageblock_order: 13, max_order: 14, spanned_pages: 32768 }, { nr_pageblocks: 4 });
  const span = mustSpan(large, 0, 1);
  const [chunk] = chunksOf(picture(4096, zeros(4096)), span);
  assert.deepEqual([chunk.kind, chunk.head, chunk.pages, chunk.above], [KIND.tail, -1, 4096, true]);
  assert.match(pageWords(5000, chunk, span), /head lies before these pages/);
  assert.match(obstacle('free', chunk), /head/);
});

test('pages beside the zone are no pages of it', () => {
  const ragged = zoneOf({ pageblock_order: 3, max_order: 6, start_pfn: 34, spanned_pages: 62 }, { first_block_pfn: 32, nr_pageblocks: 8 });
  const span = mustSpan(ragged, 0);
  const chunks = chunksOf(picture(34, [0x21, 0, 0x12, ...zeros(27)]), span);
  assert.deepEqual(chunks.map(({ pfn, pages, kind }) => [pfn, pages, kind]), [[32, 2, KIND.outside], [34, 2, KIND.allocated], [36, 4, KIND.free]]);
});

test('a free chunk on the wrong list is told apart: ISOLATE, or another type', () => {
  const span = mustSpan(SMALL, 0);
  const [chunk] = chunksOf(picture(32, [0x13, ...zeros(31)], [6, ...zeros(31)]), span);
  assert.equal(strayed(chunk, 2), 'stray');
  assert.equal(strayed(chunk, 6), '');
  assert.equal(strayed(chunk, -1), '');
  assert.equal(strayed({ ...chunk, type: 0 }, 2), 'other');
  assert.match(pageWords(32, chunk, span, 2), /on Isolate, stray: its block is Movable$/);
});

test('each verb says why it does not apply', () => {
  const span = mustSpan(SMALL, 0);
  const [used, pinned, free] = chunksOf(picture(32, [0x20, 0x30, 0x11, 0, 0x22, ...zeros(27)]), span);
  const reasons = (/** @type {any} */ chunk) => ['free', 'pin', 'unpin'].map((verb) => obstacle(verb, chunk) === '');
  assert.deepEqual(reasons(used), [true, true, false]);
  assert.deepEqual(reasons(pinned), [false, false, true]);
  assert.deepEqual(reasons(free), [false, false, false]);
  assert.deepEqual(reasons(null), [false, false, false]);
  assert.match(obstacle('free', pinned), /unpin it first/);
  assert.match(obstacle('free_begin', pinned), /unpin it first/);
  const [begun] = chunksOf(picture(32, [0x90, ...zeros(31)]), span);
  const halves = (/** @type {any} */ chunk) => ['free_begin', 'free_finish'].map((verb) => obstacle(verb, chunk) === '');
  assert.deepEqual([used, pinned, free, begun].map(halves), [[true, false], [false, false], [false, false], [false, true]]);
  assert.deepEqual(reasons(begun), [false, false, false]);
});

test('the key names the kinds in sight, in one order', () => {
  const span = mustSpan(SMALL, 0);
  const chunks = chunksOf(picture(32, [0x30, 0x20, 0x11, 0, 0x22, ...zeros(27)], [0, 8, 6, 0, 0, ...zeros(27)]), span);
  assert.deepEqual(kindsOf(chunks, 2).map(([name]) => name), ['free6', 'allocated', 'lru', 'pinned', 'stray']);
  const torn = chunksOf(picture(32, [0x25, ...zeros(31)]), span);
  assert.deepEqual(kindsOf(torn).map(([name]) => name), ['allocated', 'torn']);
});

test('a chunk of a power of two is a rectangle in columns of a power of two', () => {
  for (const pages of [4, 32, 512, 4096]) {
    const { columns, rows } = gridFor(pages, 720, 450);
    assert.equal(columns * rows, pages);
  }
});
