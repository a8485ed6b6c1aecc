// The key of the map: each type that the zone has had, as a sample and a word.

import { make } from './dom.js';
import { drawSample } from './marks.js';
import { CELL, FLAG, ISOLATE, TYPES } from '../state/vocabulary.js';

/**
 * @param {HTMLElement} key
 * @param {number} met types, as bits
 * @param {import('./palette.js').Palette} palette
 */
export function showKey(key, met, palette) {
  const shown = TYPES.map((type, i) => ({ type, i })).filter(({ i }) => met & (1 << i));
  key.replaceChildren(...shown.map(({ type, i }) => {
    const sample = make('canvas', { attributes: { 'aria-hidden': 'true' } });
    drawSample(sample, i, palette);
    return make('li', {}, sample, type.printed);
  }));
}

/**
 * @param {Uint32Array} cells
 * @returns {number} types that they have, as bits; of blocks that share a cell the commonest, and ISOLATE
 */
export function typesIn(cells) {
  let met = 0;
  for (const cell of cells) met |= 1 << CELL.type(cell) | (CELL.flags(cell) & FLAG.isolate ? 1 << ISOLATE : 0);
  return met;
}
