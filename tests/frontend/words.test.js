import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, grouped, quantity, quantityWithUnit, unsigned, zoneSize } from '../../frontend/js/draw/format.js';
import { roundUp, spread, steadyRange } from '../../frontend/js/draw/ranges.js';
import { bookRows, markVerdict, sentence } from '../../frontend/js/state/ledger.js';
import { amountWords, counterThing } from '../../frontend/js/state/things.js';
import { cellWords } from '../../frontend/js/state/vocabulary.js';
import { cell } from './frames.js';

const plain = (/** @type {string} */ text) => text.replaceAll('\u202f', ' ').replaceAll('\u2212', '-');
const say = (/** @type {number} */ pages) => plain(quantityWithUnit(pages, 'pages'));

test('numbers are grouped by a space that does not break', () => {
  assert.equal(grouped(41506), '41\u202f506');
  assert.equal(grouped(-1234567), '\u22121\u202f234\u202f567');
  assert.equal(grouped(999), '999');
  assert.equal(grouped(NaN), '–');
});

test('pages in MiB are cut, never rounded up', () => {
  assert.equal(quantity(65536, 'MiB'), '256.00');
  assert.equal(plain(quantity(-65535, 'MiB')), '-255.99');
  assert.equal(say(1), '1 page');
  assert.equal(plain(quantityWithUnit(512, 'MiB')), '2.00 MiB');
});

test('of a verdict it is said which watermarks came or went', () => {
  const words = (/** @type {string} */ counter, /** @type {number} */ amount) => amountWords(counterThing(counter, null), amount, String);
  assert.equal(words('watermark_ok', 3 - 7), 'HIGH not met');
  assert.equal(words('watermark_true', 1 - 7), 'LOW, HIGH not met');
  assert.equal(words('watermark_ok', 3 - 0), 'MIN, LOW met');
  assert.equal(words('blocks_offline', -1), '-1');
});

test('a change has a sign, no change has no words', () => {
  assert.equal(change(12, 'pages'), '+12');
  assert.equal(plain(change(-3, 'pages')), '-3');
  assert.equal(change(0, 'pages'), '');
});

test('a negative count also reads as /proc prints it', () => {
  assert.equal(unsigned(-512), '18446744073709551104');
  assert.equal(unsigned(7), '7');
});

test('a zone says its size in the largest whole unit', () => {
  assert.equal(zoneSize(65536), '256 MiB');
  assert.equal(zoneSize(1 << 28), '1 TiB');
  assert.equal(plain(zoneSize(60123)), '60 123 pages');
});

test('the one sentence says what the counter and the lists disagree on', () => {
  assert.equal(sentence(41506, 8738, say), '32 768 pages are counted as free and cannot be allocated.');
  assert.equal(sentence(4, 3, say), '1 page is counted as free and cannot be allocated.');
  assert.equal(sentence(0, 512, say), '512 pages can be allocated and are not counted as free.');
  assert.equal(sentence(-12, 0, say), 'Counted 12 pages too low: none can be allocated.');
  assert.equal(sentence(-16, 4, say), 'Counted 20 pages too low: 4 pages can be allocated.');
  assert.equal(sentence(7, 7, say), 'What is counted as free can be allocated.');
  assert.equal(sentence(0, 0, say), 'No page is counted as free, and none can be allocated.');
});

test('the watermark verdict tells the counter from what can be allocated', () => {
  const verdict = (/** @type {number} */ ok, /** @type {number} */ real) =>
    markVerdict((name) => ({ watermark_ok: ok, watermark_true: real })[name] ?? 100, say).verdict;
  assert.equal(verdict(7, 7), 'HIGH met, by the counter and by what can be allocated.');
  assert.equal(verdict(3, 0), 'LOW met by the counter; below MIN by what can be allocated.');
  assert.equal(verdict(7, 1), 'HIGH met by the counter; MIN by what can be allocated.');
  assert.equal(verdict(0, 0), 'Below MIN, by the counter and by what can be allocated.');
  assert.equal(verdict(0, 3), 'Below MIN by the counter; LOW by what can be allocated.');
});

test('a difference is an alarm only where the model aims at equality', () => {
  const picture = /** @type {any} */ ({ nrFree: Float64Array.of(2, 1) });
  const relation = (/** @type {number} */ free, /** @type {boolean} */ aimed) =>
    bookRows((name) => (name === 'nr_free_pages' ? free : 0), picture, aimed).find(({ key }) => key === 'sum')?.relation;
  assert.equal(relation(4, true), '=');
  assert.equal(relation(5, true), '≠');
  assert.equal(relation(5, false), '');
});

test('a cell in words leaves no flag out', () => {
  assert.equal(cellWords(cell(2, 0)), 'Movable · full');
  assert.equal(cellWords(cell(2, 255)), 'Movable · all free');
  assert.equal(cellWords(cell(2, 1)), 'Movable · 1 % free');
  assert.equal(cellWords(cell(2, 254)), 'Movable · 99 % free');
  assert.equal(cellWords(cell(2 | 0x80, 128, 1)), 'mostly Movable · 50 % free · an isolated block inside');
  assert.equal(cellWords(cell(2, 0, 2, 1)), 'offline');
  assert.match(cellWords(cell(6, 9, 8 | 16 | 32 | 64 | 128)), /pcp.*pinned.*crosses.*stray.*hole/);
});

test('a range holds still while what it shows moves a little', () => {
  assert.equal(roundUp(67), 80);
  const range = steadyRange(null, 0, 60);
  assert.deepEqual(range, [0, 80]);
  assert.deepEqual(steadyRange(range, 0, 78), [0, 80]);
  assert.deepEqual(steadyRange(range, 0, 40), [0, 80]);
  assert.deepEqual(steadyRange(range, 0, 81), [0, 100]);
  assert.deepEqual(steadyRange(range, 0, 10), [0, 15]);
});

test('a negative count is in sight, below a zero that stays in sight', () => {
  assert.deepEqual(steadyRange([0, 80], -466, 60), [-500, 80]);
  assert.deepEqual(steadyRange([-500, 80], 0, 60), [0, 80]);
});

test('labels keep apart and inside', () => {
  assert.deepEqual(spread([0, 50, 90], 20, 0, 100), [0, 50, 90]);
  assert.deepEqual(spread([0, 1, 90], 20, 0, 100), [0, 20, 90]);
  assert.deepEqual(spread([10, 95, 99], 20, 0, 100), [10, 80, 100]);
});
