import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeWish } from '../../frontend/js/draw/closeup.js';
import { cellAt, cellsInBox, gridFor, wholeWindow } from '../../frontend/js/draw/geometry.js';
import {
  barPlace, belowMark, endingWords, fooling, hangWords, indexWords, kswapdReason, kswapdState, kswapdTask, oomWords, requestWords, standWords,
} from '../../frontend/js/draw/nodewords.js';
import { middleOf, sightIn, windowOn } from '../../frontend/js/draw/sight.js';
import { decodeFrame, FrameError } from '../../frontend/js/net/decode.js';
import { blockAt } from '../../frontend/js/state/close.js';
import { Lab } from '../../frontend/js/state/lab.js';
import { nodeView } from '../../frontend/js/state/node.js';
import { neighbour, spanOf } from '../../frontend/js/state/pagespan.js';
import { blockOfPfn, isNode, slotNamed, slotOfBlock } from '../../frontend/js/state/zones.js';
import { frame, i64, u32 } from './frames.js';

const NUMBERS = ['min_free_kbytes', 'swap_free', 'kswapd_awake', 'kswapd_order', 'kswapd_class', 'kswapd_priority', 'verdict', 'turns', 'oom_kills', 'oom_victim'];
const SUMMARY = ['nr_free_pages', 'free_safe', 'usable', 'present', 'watermark_min', 'watermark_low', 'watermark_high', 'given_up', 'isolated'];
const VERDICTS = ['NONE', 'GOT', 'NO_PAGE', 'LIVELOCK', 'PANIC'];
const ROWS = [
  { zone: 'Normal', start_pfn: 0, spanned_pages: 4096, first_block: 0, nr_pageblocks: 8 },
  { zone: 'Movable', start_pfn: 5120, spanned_pages: 4000, first_block: 10, nr_pageblocks: 8 },
];
const STATE = /** @type {any} */ ({
  config: { whole: true, start_pfn: 0, spanned_pages: 9120, pageblock_order: 9, max_order: 11 },
  zone: { nr_pageblocks: 18, first_block_pfn: 0 }, zones: ROWS,
});
const HELLO = /** @type {any} */ ({
  counters: ['nr_free_pages', 'usable', 'isolated'], node_numbers: NUMBERS, zone_summary: SUMMARY, verdicts: VERDICTS, instance: 'a',
});
const RECT = { left: 54, top: 1, width: 800, height: 600 };

/** @param {Record<string, number>} numbers @param {Record<string, number>[]} zones */
const section = (numbers, ...zones) => {
  const values = [...NUMBERS.map((name) => numbers[name] ?? 0), ...zones.flatMap((zone) => SUMMARY.map((name) => zone[name] ?? 0))];
  return new Uint8Array([...u32([zones.length, NUMBERS.length]), ...i64(values)]);
};
const MARKS = { present: 4096, watermark_min: 32, watermark_low: 40, watermark_high: 48 };
const zone = (/** @type {number} */ free, more = {}) => ({ nr_free_pages: free, free_safe: free, usable: free, ...MARKS, ...more });
/** @param {Record<string, number>} numbers @param {Record<string, number>[]} zones */
const view = (numbers, ...zones) => {
  const read = nodeView(decodeFrame(frame({ sections: [[10, section(numbers, ...zones)]] })).node, HELLO, /** @type {any} */ (ROWS));
  assert.ok(read);
  return read;
};
const say = String;

test('a node comes by name, negative numbers too', () => {
  const node = view({ min_free_kbytes: 256, verdict: 3, turns: 3 }, zone(100), zone(3000, { free_safe: -1096 }));
  assert.deepEqual([node.numbers.min_free_kbytes, node.numbers.turns, node.verdict], [256, 3, 'LIVELOCK']);
  assert.deepEqual(node.zones.map(({ name, nr_free_pages: free, free_safe: safe }) => [name, free, safe]), [['Normal', 100, 100], ['Movable', 3000, -1096]]);
});

test('a node that is cut off is refused, and one without its rows is not known', () => {
  const whole = section({}, zone(1), zone(2));
  for (const bytes of [whole.slice(0, -8), whole.slice(0, 4), u32([0, 3])]) {
    assert.throws(() => decodeFrame(frame({ sections: [[10, bytes]] })), FrameError);
  }
  const { node } = decodeFrame(frame({ sections: [[10, whole]] }));
  assert.equal(nodeView(node, HELLO, []), null);
  assert.equal(nodeView(null, HELLO, /** @type {any} */ (ROWS)), null);
});

test('why kswapd sleeps: by the very comparisons it makes', () => {
  const asleep = view({}, zone(100), zone(3000));
  assert.equal(kswapdState(asleep), 'kswapd sleeps');
  assert.equal(kswapdTask(asleep), '');
  assert.equal(kswapdReason(asleep, say), 'Movable 3000 > LOW 40, Normal 100 > LOW 40 (no lowmem_reserve asked).');
  assert.equal(kswapdReason(view({}, zone(100), zone(0)), say), 'Movable 0 ≤ LOW 40: the next request that finds nothing at LOW wakes it.');
  assert.equal(kswapdReason(view({}, zone(100), zone(0, { present: 0 })), say), 'Normal 100 > LOW 40 (no lowmem_reserve asked).');
});

test('why kswapd is awake, at what, and when it will sleep', () => {
  const awake = { kswapd_awake: 1, kswapd_class: 1, kswapd_priority: 12 };
  const node = view(awake, zone(44), zone(0, { given_up: 1 }));
  assert.equal(kswapdState(node), 'kswapd is awake');
  assert.equal(kswapdTask(node), 'Order 0, up to Movable, priority 12 of 12.');
  assert.equal(kswapdReason(node, say), 'Movable 0 ≤ LOW 40 (given up), Normal 44 ≤ HIGH 48.');
  assert.equal(kswapdReason(view(awake, zone(49), zone(3000)), say), 'Every zone is above HIGH: it falls asleep at its next step.');
});

test('a livelock is told with who sleeps, what loops, and the number that fooled them', () => {
  const node = view({ verdict: 3, turns: 3 }, zone(100), zone(3000, { usable: 0 }));
  assert.deepEqual(fooling(node).map(({ name }) => name), ['Movable']);
  assert.equal(requestWords(node, say), 'Livelock: Movable counts 3000 free and can give 0, kswapd sleeps, and direct reclaim loops for ever.');
  assert.match(requestWords(view({ verdict: 3, kswapd_awake: 1 }, zone(100), zone(0)), say), /^Livelock: kswapd is awake and changes nothing, /);
  assert.equal(endingWords(node), 'The last request never returns: 3 turns of the slow path.');
  assert.equal(hangWords(['pfn 3', 'offlining never returns. livelock: it loops']), 'Offlining never returns. Livelock: it loops.');
  assert.match(hangWords([]), /for ever/);
});

test('how else a request can end, and who was killed', () => {
  assert.equal(requestWords(view({}, zone(1), zone(1)), say), 'Nothing was asked for yet.');
  assert.equal(requestWords(view({ verdict: 1 }, zone(1), zone(1)), say), 'The last request got its page at once.');
  assert.equal(requestWords(view({ verdict: 1, turns: 1 }, zone(1), zone(1)), say), 'The last request got its page after 1 turn of the slow path.');
  assert.equal(requestWords(view({ verdict: 2 }, zone(1), zone(1)), say), 'The last request got nothing.');
  assert.match(requestWords(view({ verdict: 4 }, zone(1), zone(1)), say), /panics/);
  assert.equal(oomWords(view({ oom_kills: 2, oom_victim: 7 }, zone(1), zone(1))), '2 OOM kills, the last of process 7.');
});

test('where a zone stands, in shape and words', () => {
  const [a, b, c, d] = [33, 41, 49, 32].map((free) => view({}, zone(free), zone(free, { usable: 1 })).zones);
  assert.deepEqual([a, b, c, d].map(([one]) => belowMark(one)), ['LOW', 'HIGH', '', 'MIN']);
  assert.deepEqual([a, c].map(([one]) => standWords(one, say)), ['▼ below LOW', 'above HIGH']);
  assert.equal(standWords(c[1], say), 'above HIGH · 48 cannot be given');
});

test('half of the bar is for what lies near the marks', () => {
  const [one] = view({}, zone(0), zone(0)).zones;
  assert.deepEqual([-5, 0, 48, 96, 4096, 9999].map((pages) => barPlace(pages, one)), [0, 0, 0.25, 0.5, 1, 1]);
  const places = [1, 40, 95, 97, 2000].map((pages) => barPlace(pages, one));
  assert.deepEqual([...places].sort((a, b) => a - b), places);
  assert.equal(barPlace(10, { ...one, watermark_high: 0, present: 20 }), 0.5);
  assert.equal(barPlace(2100, { ...one, watermark_high: 2100 }), 0.5);
});

test('the indices have three places', () => {
  const fragmentation = { unusable_index: 94, extfrag_index: -1000, words: 'w' };
  assert.equal(indexWords(/** @type {any} */ ({ fragmentation })), 'By nr_free: unusable_index 0.094, extfrag_index −1.000: w.');
});

test('a block names its zone, also where zones leave a gap', () => {
  assert.deepEqual([0, 7, 8, 9, 10, 17, 18, -1].map((block) => slotOfBlock(/** @type {any} */ (ROWS), block)), [0, 0, -1, -1, 1, 1, -1, -1]);
  assert.deepEqual(['Movable', '', 'DMA'].map((name) => slotNamed(/** @type {any} */ (ROWS), name)), [1, 0, 0]);
  assert.equal(blockOfPfn(STATE, 5120), 10);
  assert.ok(isNode(STATE) && !isNode({ ...STATE, config: {}, zones: [ROWS[0]] }) && !isNode(null));
});

test('pages of an upper zone end with it', () => {
  const first = spanOf(STATE, 10);
  assert.deepEqual([first?.zoneFirst, first?.zoneEnd, first?.first, first?.from], [5120, 9120, 5120, 5120]);
  assert.equal(spanOf(STATE, 9), null);
  assert.ok(first);
  assert.equal(neighbour(first, STATE, -1), null);
  assert.deepEqual(neighbour(first, STATE, 1), { block: 11, part: 0 });
});

test('cells of an upper zone have the node’s numbers', () => {
  const grid = gridFor(100, RECT.width, RECT.height, 1, 1000);
  const window = wholeWindow(grid);
  assert.equal(cellAt(RECT.left + 1, RECT.top + 1, RECT, window, grid), 1000);
  const { x, y } = middleOf(1000 + grid.columns + 2, grid);
  assert.deepEqual([x, y], [2.5, 1.5]);
  assert.deepEqual(cellsInBox({ x: RECT.left, y: RECT.top }, { x: RECT.left + 1, y: RECT.top + 1 }, RECT, window, grid), [[1000, 1000]]);
  const wish = closeWish(window, grid, 65536);
  assert.ok(wish);
  assert.deepEqual([wish.need.first, blockAt(wish.need, 0), blockAt(wish.need, grid.columns)], [1000, 1000, 1000 + grid.columns]);
  const sight = sightIn({ x0: 0, x1: 2, y0: 0, y1: 2 }, grid);
  assert.ok(sight && sight.block >= 1000);
  assert.deepEqual(windowOn({ block: 0, zoom: 2 }, grid), windowOn({ block: 1000, zoom: 2 }, grid));
});

test('the lab shows the zone that its picture begins in, and keeps a series of each', () => {
  const lab = new Lab();
  lab.greet(HELLO);
  lab.tell(STATE);
  lab.load({ columns: ['op', 'nr_free_pages', 'usable', 'isolated'], rows: [[1, 9, 9, 0]], upper_rows: [[[1, 7, 7, 0]]], marks: [] });
  const cells = Array.from({ length: 8 }, (_, i) => i % 3);
  const take = (/** @type {number} */ first, /** @type {number} */ op) => lab.take(decodeFrame(frame({
    flags: 1, op, cells: 8, firstBlock: first,
    sections: [[1, i64([3000, 0, 3000])], [4, u32(cells)], [10, section({}, zone(100), zone(3000, { usable: 0, isolated: 3000 }))]],
  })));
  take(10, 5);
  assert.deepEqual([lab.slot.value, lab.row?.zone, lab.first, lab.blocks, lab.zoneAsked], [1, 'Movable', 10, 8, 'Movable']);
  assert.deepEqual(lab.known(11), { cell: 1, first: 11, last: 11 });
  assert.deepEqual([lab.known(9), lab.known(18), lab.known(0)], [null, null, null]);
  assert.deepEqual(lab.history.points, [{ op: 1, free: 7, usable: 7, isolated: 0 }, { op: 5, free: 3000, usable: 0, isolated: 3000 }]);
  take(0, 6);
  assert.deepEqual([lab.slot.value, lab.row?.zone, lab.history.points.length], [0, 'Normal', 3]);
  lab.take(decodeFrame(frame({ flags: 1, op: 7, cells: 8, sections: [[1, i64([5, 5, 0])], [4, u32(cells)]] })));
  assert.equal(lab.node, null, 'a bare zone after a node');
});
