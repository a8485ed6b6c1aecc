import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeWish } from '../../frontend/js/draw/closeup.js';
import { cellAt, cellPixels, gridFor, PICKABLE_PX, wholeWindow, zoomed } from '../../frontend/js/draw/geometry.js';
import { middleOf, sightIn, windowOn } from '../../frontend/js/draw/sight.js';
import { CloseWatch } from '../../frontend/js/closewatch.js';
import { decodeFrame } from '../../frontend/js/net/decode.js';
import { blockAt, covers, indexIn, MOST_CELLS, oneRun } from '../../frontend/js/state/close.js';
import { Lab } from '../../frontend/js/state/lab.js';
import { changed, frame, u32 } from './frames.js';

const RECT = { left: 54, top: 1, width: 703, height: 505 };
const TEBIBYTE = 524_288;
const RAGGED = 524_288 - 700;

/** @param {import('../../frontend/js/state/close.js').Stretch} stretch */
const blocksOf = ({ first, width, runs, stride }) =>
  Array.from({ length: runs * width }, (_, i) => first + Math.floor(i / width) * stride + (i % width));

test('a block of a stretch has one place, and no other block has any', () => {
  const stretch = { first: 1030, width: 5, runs: 3, stride: 1024 };
  blocksOf(stretch).forEach((block, i) => {
    assert.equal(indexIn(stretch, block), i);
    assert.equal(blockAt(stretch, i), block);
  });
  for (const block of [0, 1029, 1035, 2053, 4102, 5000]) assert.equal(indexIn(stretch, block), -1);
});

test('one stretch covers another if it has each of its blocks', () => {
  const outer = { first: 1030, width: 5, runs: 3, stride: 1024 };
  assert.ok(covers(outer, outer));
  assert.ok(covers(outer, { first: 2055, width: 3, runs: 2, stride: 1024 }));
  assert.ok(covers(outer, oneRun(2054, 5).need));
  assert.ok(!covers(outer, { first: 2055, width: 5, runs: 1, stride: 5 }));
  assert.ok(!covers(outer, { first: 2055, width: 3, runs: 3, stride: 1024 }));
  assert.ok(!covers(outer, { first: 1030, width: 5, runs: 3, stride: 1025 }));
});

test('blocks that share a colour stand in one row, whatever the shape of the map', () => {
  for (const [width, height] of [[703, 505], [330, 270], [60, 2000], [4000, 40]]) {
    const grid = gridFor(2 ** 21, width, height, 32);
    assert.ok(grid.columns % 32 === 0 && grid.columns * grid.rows >= 2 ** 21);
  }
  assert.deepEqual(gridFor(TEBIBYTE, RECT.width, RECT.height, 8), { columns: 1024, rows: 512, cells: TEBIBYTE, first: 0 });
});

test('near enough all that is in sight is asked for, more than that at first and never more than there may be', () => {
  for (const blocks of [TEBIBYTE, RAGGED]) {
    const grid = gridFor(blocks, RECT.width, RECT.height, 8);
    for (const at of [0, 1023, 77_777, blocks - 1]) {
      for (let factor = 1; factor > 0.001; factor *= 0.83) {
        const window = zoomed(wholeWindow(grid), factor, grid, middleOf(at, grid));
        const wish = closeWish(window, grid, MOST_CELLS);
        if (cellPixels(window, RECT) >= PICKABLE_PX) assert.ok(wish, 'what can be picked is seen block by block');
        if (!wish) continue;
        const { need, ask } = wish;
        assert.ok(covers(ask, need));
        assert.ok(ask.width * ask.runs <= MOST_CELLS && ask.width <= ask.stride && ask.stride === grid.columns);
        assert.ok(ask.first % grid.columns + ask.width <= grid.columns);
        assert.ok(ask.first + (ask.runs - 1) * ask.stride < blocks, 'each run begins in the zone');
        for (const [x, y] of [[0.01, 0.01], [0.99, 0.01], [0.5, 0.5], [0.01, 0.99], [0.99, 0.99]]) {
          const block = cellAt(RECT.left + x * RECT.width, RECT.top + y * RECT.height, RECT, window, grid);
          assert.ok(block < 0 || indexIn(need, block) >= 0);
        }
      }
    }
    assert.equal(closeWish(wholeWindow(grid), grid, MOST_CELLS), null);
  }
});

test('a link shows the same block on a map of another shape', () => {
  const one = gridFor(TEBIBYTE, 703, 505, 8);
  const other = gridFor(TEBIBYTE, 330, 700, 8);
  assert.notEqual(one.columns, other.columns);
  const sight = sightIn(zoomed(wholeWindow(one), 1 / 64, one, middleOf(300_000, one)), one);
  assert.deepEqual(sight, { block: 300_000, zoom: 64 });
  const { x0, x1, y0, y1 } = windowOn({ block: 300_000, zoom: 64 }, other);
  const { x, y } = middleOf(300_000, other);
  assert.ok(x0 < x && x < x1 && y0 < y && y < y1);
  assert.equal(sightIn(wholeWindow(one), one), null);
});

// A zone of twenty blocks in five cells of four.

/** @param {number[]} cells @param {number} seq @param {Partial<import('../../frontend/js/state/close.js').Stretch>} [where] */
const near = (cells, seq, { first = 5, width = 2, runs = 2, stride = 10 } = {}) =>
  decodeFrame(frame({ flags: 1, seq, view: 9, op: 3, cells: cells.length, firstBlock: first, sections: [[9, u32([width, runs, stride, 0])], [4, u32(cells)]] }));
const delta = (/** @type {[number, number][]} */ changes, seq = 2, baseSeq = 1) =>
  decodeFrame(frame({ seq, baseSeq, view: 9, op: 4, cells: 4, firstBlock: 5, sections: [[9, u32([2, 2, 10, 0])], [5, changed(changes)]] }));
/** @param {Lab} lab */
const held = (lab) => [...lab.close?.cells ?? []];
const zoneOf = () => {
  const lab = new Lab();
  lab.take(decodeFrame(frame({ flags: 1, view: 1, cells: 5, blocksPerCell: 4, sections: [[4, u32([10, 11, 12, 13, 14])]] })));
  return lab;
};

test('of a block its own cell is known where there is one, and else the one that it shares', () => {
  const lab = zoneOf();
  lab.closeAsked = { first: 5, width: 2, runs: 2, stride: 10 };
  assert.deepEqual(lab.known(6), { cell: 11, first: 4, last: 7 });
  assert.equal(lab.take(near([50, 60, 150, 160], 1)), '');
  assert.equal(lab.picture?.view, 1, 'the picture of the zone stays');
  assert.deepEqual([5, 6, 7, 15, 16].map((block) => lab.known(block)?.cell), [50, 60, 11, 150, 160]);
  assert.deepEqual(lab.known(16), { cell: 160, first: 16, last: 16 });
  assert.equal(lab.take(delta([[1, 61]])), '');
  assert.equal(lab.known(6)?.cell, 61);
  assert.deepEqual([...lab.closeDirty.take() ?? ['all']], ['all']);
  assert.equal(lab.known(20), null);
  assert.equal(lab.known(-1), null);
});

test('frames of a stretch that is no longer asked for are passed over, and a gap is told', () => {
  const lab = zoneOf();
  lab.take(near([1, 2, 3, 4], 1));
  assert.equal(lab.close, null);
  lab.closeAsked = { first: 5, width: 2, runs: 2, stride: 10 };
  lab.take(near([1, 2, 3, 4], 1));
  lab.take(near([9, 9, 9, 9], 1, { first: 6 }));
  assert.deepEqual(held(lab), [1, 2, 3, 4]);
  assert.equal(lab.take(delta([[0, 7]], 5, 4)), 'window');
  assert.deepEqual(held(lab), [1, 2, 3, 4]);
});

test('a window that is cut off is no frame', () => {
  assert.throws(() => decodeFrame(frame({ sections: [[9, u32([2, 2])]] })), /window is cut off/);
});

test('one question at a time is asked, of the newest wish of who stands in front', async () => {
  const lab = zoneOf();
  lab.connection.set({ phase: 'live', words: '' });
  /** @type {string[]} */
  const asked = [];
  /** @type {(() => void)[]} */
  const answers = [];
  const watch = new CloseWatch(lab, (stretch) => {
    asked.push(stretch ? `${stretch.first}+${stretch.width}` : 'none');
    return new Promise((done) => answers.push(() => done(null)));
  });
  const answered = async () => {
    answers.shift()?.();
    await new Promise((done) => setTimeout(done));
  };
  watch.want('map', oneRun(4, 4));
  watch.want('map', oneRun(8, 4));
  watch.want('map', oneRun(12, 4));
  await answered();
  await answered();
  assert.deepEqual(asked, ['4+4', '12+4']);
  watch.want('map', oneRun(13, 2));
  assert.equal(asked.length, 2, 'what is there already is not asked for');
  watch.want('pages', oneRun(2, 1));
  await answered();
  watch.want('pages', null);
  await answered();
  watch.want('map', null);
  await answered();
  assert.deepEqual(asked.slice(2), ['2+1', '13+2', 'none']);
  assert.equal(lab.close, null);
  watch.want('map', oneRun(0, 2));
  await answered();
  lab.connection.set({ phase: 'disconnected', words: '' });
  lab.connection.set({ phase: 'live', words: '' });
  await answered();
  lab.number.set(1);
  assert.deepEqual(asked.slice(5), ['0+2', '0+2', '0+2'], 'a new connection and a new lab are asked anew');
});

test('where the service refuses, nothing stale is left in sight and it is not asked the same again', async () => {
  const lab = zoneOf();
  lab.connection.set({ phase: 'live', words: '' });
  let asked = 0;
  const watch = new CloseWatch(lab, () => {
    asked += 1;
    return Promise.reject(new Error('refused'));
  });
  lab.closeAsked = { first: 5, width: 2, runs: 2, stride: 10 };
  lab.take(near([1, 2, 3, 4], 1));
  watch.want('map', oneRun(0, 4));
  await new Promise((done) => setTimeout(done));
  watch.want('map', oneRun(1, 2));
  assert.deepEqual([asked, lab.close], [1, null]);
});
