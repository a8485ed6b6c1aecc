// The key of the page level: each kind in sight as a sample and a word.

import { KIND, strayed } from '../state/chunks.js';
import { TYPES } from '../state/vocabulary.js';
import { drawMark, drawSample } from './marks.js';
import { outlineOf, paintChunk } from './pageshape.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {import('../state/chunks.js').Chunk} Chunk
 */

/** In the order of the key. @type {readonly (readonly [string, string])[]} */
const NAMES = Object.freeze([
  ...TYPES.map((type, i) => /** @type {const} */ ([`free${i}`, `free, ${type.printed}`])),
  ['allocated', 'allocated'], ['lru', 'on the LRU, of a file'], ['anon', 'on the LRU, anonymous'], ['pinned', 'pinned'], ['migrating', 'migrating'], ['freeing', 'half freed'], ['pcp', 'on pcp'],
  ['reserved', 'reserved'], ['offline', 'offline'], ['hole', 'hole'],
  ['torn', 'crosses the border'], ['stray', 'stray'], ['other', 'on another type’s list'],
]);

/**
 * Names and words of the kinds among these chunks, in the order of the key; null: all there are.
 * @param {readonly Chunk[]|null} chunks
 * @param {number} [blockType] -1 where it is not known
 */
export function kindsOf(chunks, blockType = -1) {
  if (!chunks) return NAMES;
  const found = new Set();
  for (const chunk of chunks) {
    for (const name of namesOf(chunk)) found.add(name);
    if (chunk.above || chunk.below) found.add('torn');
    const astray = strayed(chunk, blockType);
    if (astray) found.add(astray);
  }
  return NAMES.filter(([name]) => found.has(name));
}

/** @param {Chunk} chunk @returns {string[]} */
function namesOf({ kind, type, lru, anon }) {
  if (kind === KIND.free) return [`free${type}`];
  const name = Object.entries(KIND).find(([, value]) => value === kind)?.[0] ?? '';
  return lru ? [name, anon ? 'anon' : 'lru'] : [name];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} name
 * @param {Palette} palette
 */
export function drawKindSample(canvas, name, palette) {
  const free = /^free(\d)$/.exec(name);
  if (free) {
    drawSample(canvas, Number(free[1]), palette);
    return;
  }
  const ratio = window.devicePixelRatio || 1;
  const size = Math.round(18 * ratio);
  canvas.width = size;
  canvas.height = size;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  if (name === 'stray' || name === 'other') {
    drawMark(context, name, size * 0.25, size * 0.25, size * 0.5, palette, ratio);
    return;
  }
  const plain = name === 'lru' || name === 'anon' || name === 'torn';
  const kind = plain ? KIND.allocated : KIND[/** @type {keyof typeof KIND} */ (name)];
  /** @type {Chunk} */
  const chunk = {
    head: 0, size: 1, pfn: 0, pages: 1, kind, order: 0, type: -1, lru: name === 'lru' || name === 'anon', anon: name === 'anon',
    pcpList: 2, above: false, below: name === 'torn',
  };
  const corner = (/** @type {number} */ column, /** @type {number} */ row) => ({ x: column * size, y: row * size });
  const path = outlineOf(0, 1, 1, corner, ratio, { below: chunk.below, tooth: 5 * ratio });
  const box = { x: ratio, y: ratio, w: size - 2 * ratio, h: size - 2 * ratio };
  paintChunk({ context, palette, ratio, blockType: -1 }, chunk, path, box, box);
}
