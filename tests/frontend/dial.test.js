// A number on a slider: plain where the range is short, by ratio where it is long.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rounded } from '../../frontend/js/draw/format.js';
import { ends, placeOf, valueAt } from '../../frontend/js/state/dial.js';

const SHORT = { least: 5, most: 99 };
const LONG = { least: 1, most: 100_000 };

test('a short range is its own slider', () => {
  assert.deepEqual(ends(SHORT), SHORT);
  assert.equal(placeOf(SHORT, 42), 42);
  assert.equal(valueAt(SHORT, 42), 42);
});

test('a long range has its ends at the ends and its middle ratio in the middle', () => {
  const { least, most } = ends(LONG);
  assert.equal(valueAt(LONG, least), 1);
  assert.equal(valueAt(LONG, most), 100_000);
  assert.equal(valueAt(LONG, (least + most) / 2), 320);
  assert.equal(placeOf(LONG, 1), least);
  assert.equal(placeOf(LONG, 100_000), most);
});

test('what a slider says is never below what it said a place before, and has two digits', () => {
  const { least, most } = ends(LONG);
  for (let place = least; place < most; place++) {
    const value = valueAt(LONG, place);
    assert.ok(value <= valueAt(LONG, place + 1));
    assert.match(String(value), /^[1-9]\d?0*$/);
  }
});

test('a rate that never stands still is told to two digits', () => {
  assert.equal(rounded(850), '850');
  assert.equal(rounded(9870), '9\u202f900');
  assert.equal(rounded(34_567), '35 k');
  assert.equal(rounded(999_900), '1\u202f000 k');
  assert.equal(rounded(3_123_456), '3.1 M');
  assert.equal(rounded(12_345_678), '12 M');
});
