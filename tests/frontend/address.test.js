import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPlace, writePlace } from '../../frontend/js/state/address.js';

/** @type {import('../../frontend/js/state/prefs.js').Prefs} */
const USUAL = { unit: 'pages', theme: 'system', size: 'auto', keys: true, count: 'chunks', lists: 'bars', scale: 'linear', map: 'picture', history: 'chart' };
const NOWHERE = { moment: null, zone: '', blocks: [], sight: null, inside: -1, drawer: null, list: null };
const ask = (/** @type {string} */ text) => new URLSearchParams(text);

test('what is as usual leaves the address empty', () => {
  assert.equal(writePlace(ask(''), NOWHERE, USUAL), '');
  assert.equal(writePlace(ask('session=a1&role=viewer&token=secret'), NOWHERE, USUAL), '?session=a1&role=viewer');
});

test('what is written is read again', () => {
  const place = {
    moment: { op: 1234567890123, step: 4, branch: 2 }, zone: 'Movable', blocks: /** @type {[number, number][]} */ ([[3, 7], [9, 9]]), sight: { block: 40, zoom: 4.25 }, inside: 12, drawer: 'list',
    list: { order: 3, migratetype: 'MOVABLE', pcp: false },
  };
  const search = writePlace(ask('session=x'), place, { ...USUAL, unit: 'MiB', scale: 'log' });
  assert.equal(search, '?session=x&op=1234567890123&step=4&branch=2&zone=Movable&blocks=3-7,9&zoom=40x4.25&inside=12&open=list&list=3-MOVABLE&unit=MiB&scale=log');
  const { options, ...read } = readPlace(ask(search));
  assert.deepEqual(read, place);
  assert.deepEqual([options.unit, options.scale, options.theme], ['MiB', 'log', null]);
});

test('nonsense is passed over', () => {
  const read = readPlace(ask('op=-3&step=x&zone=<b>&blocks=9-3,x,-1,5,1e9&zoom=-3x9&inside=-2&open=nothing&list=3-<b>&zoom=axb'));
  assert.deepEqual({ ...read, options: null }, { ...NOWHERE, blocks: [[5, 5]], options: null });
  assert.equal(readPlace(ask(`blocks=${'1,'.repeat(500)}`)).blocks.length, 64);
});
