import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asBlocks, clipped, contains, count, extend, NOTHING, only, selectionName, several, toggle } from '../../frontend/js/state/selection.js';

test('a click picks one, shift extends from it both ways', () => {
  const one = only([37, 37]);
  assert.deepEqual(extend(one, [40, 40]).ranges, [[37, 40]]);
  assert.deepEqual(extend(extend(one, [40, 40]), [30, 30]).ranges, [[30, 37]]);
});

test('ctrl-click adds, joins, and takes out of the middle', () => {
  let selection = toggle(only([3, 3]), [5, 5]);
  assert.deepEqual(selection.ranges, [[3, 3], [5, 5]]);
  selection = toggle(selection, [4, 4]);
  assert.deepEqual(selection.ranges, [[3, 5]]);
  selection = toggle(selection, [4, 4]);
  assert.deepEqual(asBlocks(selection), [3, 5]);
  assert.equal(count(toggle(toggle(selection, [3, 3]), [5, 5])), 0);
});

test('a box of many rows is held as ranges and found by search', () => {
  const selection = several([[50, 54], [66, 70], [34, 38]], 34);
  assert.equal(count(selection), 15);
  assert.ok(contains(selection, 70) && contains(selection, 34) && contains(selection, 52));
  assert.ok(!contains(selection, 55) && !contains(selection, 33) && !contains(selection, 71));
  assert.deepEqual(asBlocks(selection), [[34, 38], [50, 54], [66, 70]]);
});

test('a smaller zone keeps what is left of a selection', () => {
  const selection = several([[1, 2], [6, 20]], 1);
  assert.deepEqual(clipped(selection, 10).ranges, [[1, 2], [6, 9]]);
  assert.equal(clipped(selection, 1), NOTHING);
  assert.equal(clipped(selection, 100), selection);
});

test('a selection says its name', () => {
  assert.equal(selectionName(NOTHING), 'No block selected');
  assert.equal(selectionName(only([37, 37])), 'Block 37');
  assert.equal(selectionName(several([[4, 9]], 4)), 'Blocks 4–9');
  assert.equal(selectionName(several([[4, 9], [20, 20]], 4)), '7 blocks, 4…20');
});
