import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame } from '../../frontend/js/net/decode.js';
import { applyFrame, applyPages, Dirty, sumOfOrders } from '../../frontend/js/state/picture.js';
import { changed, frame, i64, u32 } from './frames.js';

const key = (/** @type {number[]} */ cells, seq = 1, view = 1) =>
  decodeFrame(frame({ flags: 1, seq, view, cells: cells.length, op: 10, sections: [[2, i64([5])], [4, u32(cells)]] }));
const delta = (/** @type {[number, number][]} */ changes, seq = 2, baseSeq = 1, view = 1) =>
  decodeFrame(frame({ seq, baseSeq, view, op: 11, sections: [[5, changed(changes)]] }));

test('a delta on its base changes only its cells and says which', () => {
  const dirty = new Dirty();
  const { picture } = applyFrame(null, key([1, 2, 3, 4]), dirty);
  assert.equal(dirty.take(), null, 'a keyframe is drawn whole');
  const { picture: next, fate } = applyFrame(picture, delta([[2, 30]]), dirty);
  assert.equal(fate, 'applied');
  assert.deepEqual([...next?.cells ?? []], [1, 2, 30, 4]);
  assert.deepEqual([...dirty.take() ?? []], [2]);
  assert.equal(next?.op, 11);
  assert.deepEqual([...next?.nrFree ?? []], [5], 'a section left out has not changed');
});

test('deltas that come between two drawings are merged, not replaced', () => {
  const dirty = new Dirty();
  let { picture } = applyFrame(null, key([0, 0, 0]), dirty);
  dirty.take();
  picture = applyFrame(picture, delta([[0, 7]], 2, 1), dirty).picture;
  picture = applyFrame(picture, delta([[2, 9]], 3, 2), dirty).picture;
  assert.deepEqual([...picture?.cells ?? []], [7, 0, 9]);
  assert.deepEqual([...dirty.take() ?? []].sort(), [0, 2]);
  assert.deepEqual([...dirty.take() ?? []], [], 'nothing is left to draw');
});

test('a delta in which most changed carries every cell', () => {
  const dirty = new Dirty();
  const { picture } = applyFrame(null, key([1, 2, 3]), dirty);
  dirty.take();
  const all = decodeFrame(frame({ seq: 2, baseSeq: 1, cells: 3, sections: [[4, u32([7, 8, 9])]] }));
  assert.equal(applyFrame(picture, all, dirty).fate, 'applied');
  assert.deepEqual([...picture?.cells ?? []], [7, 8, 9]);
  assert.equal(dirty.take(), null);
});

test('a delta on another base changes nothing and asks for a keyframe', () => {
  const dirty = new Dirty();
  const { picture } = applyFrame(null, key([1, 2]), dirty);
  const { fate } = applyFrame(picture, delta([[0, 99]], 5, 4), dirty);
  assert.equal(fate, 'resync');
  assert.deepEqual([...picture?.cells ?? []], [1, 2]);
});

test('a late delta of the view before is passed over', () => {
  const dirty = new Dirty();
  let { picture } = applyFrame(null, key([1, 2], 1, 1), dirty);
  picture = applyFrame(picture, key([3], 1, 2), dirty).picture;
  const { fate } = applyFrame(picture, delta([[0, 99]], 2, 1, 1), dirty);
  assert.equal(fate, 'ignored');
  assert.deepEqual([...picture?.cells ?? []], [3]);
});

test('the picture does not hold on to the message it came in', () => {
  const message = key([1, 2]);
  const { picture } = applyFrame(null, message, new Dirty());
  applyFrame(picture, delta([[0, 50]]), new Dirty());
  assert.deepEqual([...message.cells ?? []], [1, 2]);
});

test('more changed cells than the limit are drawn as all', () => {
  const dirty = new Dirty(2);
  dirty.take();
  dirty.add(Uint32Array.of(1, 2, 3));
  assert.equal(dirty.take(), null);
});

test('a heartbeat of the pages view moves its operation only', () => {
  const held = { view: 4, seq: 1, op: 3, firstPfn: 0, state: new Uint8Array(1), attributes: new Uint8Array(1) };
  const beat = decodeFrame(frame({ flags: 8, seq: 2, baseSeq: 1, view: 4, op: 9 }));
  assert.equal(applyPages(held, beat)?.op, 9);
  assert.equal(applyPages(held, beat)?.state, held.state);
});

test('Σ nr_free · 2^order goes below zero when the counts do', () => {
  assert.equal(sumOfOrders(Float64Array.of(-512, 0, 0, 0, 0, 0, 0, 0, 0, 1)), 0);
  assert.equal(sumOfOrders(Float64Array.of(-1, 0)), -1);
});
