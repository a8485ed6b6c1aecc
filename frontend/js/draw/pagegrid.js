// The pages of a pageblock, each chunk at its order: free ones in their list's colour, others neutral.

import { TYPES } from '../state/vocabulary.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {{at: number, pages: number, kind: number, order: number, attribute: number}} Chunk
 */

export const KIND = { tail: 0, free: 1, allocated: 2, pinned: 3, pcp: 4, reserved: 5, offline: 6, hole: 7, migrating: 8 };
export const KIND_WORDS = Object.freeze(['tail', 'free', 'allocated', 'pinned', 'on pcp', 'reserved', 'offline', 'hole', 'migrating']);

/**
 * Heads with what follows them. Tails before the first head belong to a chunk from outside: `at` is 0, `kind` tail.
 * @param {Uint8Array} state
 * @param {Uint8Array} attributes
 * @returns {Chunk[]}
 */
export function chunksOf(state, attributes) {
  /** @type {Chunk[]} */
  const chunks = [];
  for (let at = 0; at < state.length; at++) {
    const kind = state[at] >> 4;
    const last = chunks[chunks.length - 1];
    if (kind === KIND.tail && last) last.pages += 1;
    else chunks.push({ at, pages: 1, kind, order: state[at] & 15, attribute: attributes[at] });
  }
  return chunks;
}

/**
 * @param {Chunk} chunk
 * @param {number} firstPfn
 */
export function chunkWords(chunk, firstPfn) {
  const type = TYPES[chunk.attribute & 7]?.printed ?? '';
  const lru = chunk.attribute & 8 ? ', LRU' : '';
  const kind = KIND_WORDS[chunk.kind] ?? '';
  const order = chunk.kind >= KIND.free && chunk.kind <= KIND.pinned ? `, order ${chunk.order}` : '';
  const of = chunk.kind <= KIND.pcp && chunk.kind !== KIND.tail ? `, ${type}` : '';
  return chunk.kind === KIND.tail ? 'inside a chunk from another block' : `PFN ${firstPfn + chunk.at}: ${kind}${order}${of}${lru}`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Chunk[]} chunks
 * @param {number} pages
 * @param {number} columns
 * @param {Palette} palette
 */
export function drawPages(canvas, chunks, pages, columns, palette) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const size = width / columns;
  const height = Math.round(size * Math.ceil(pages / columns));
  canvas.style.height = `${height / ratio}px`;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.clearRect(0, 0, width, height);
  for (const chunk of chunks) drawChunk(context, chunk, columns, size, palette, ratio);
}

/**
 * A chunk may run over several rows; only its ends are closed.
 * @param {CanvasRenderingContext2D} context
 * @param {Chunk} chunk
 * @param {number} columns
 * @param {number} size
 * @param {Palette} palette
 * @param {number} ratio
 */
function drawChunk(context, chunk, columns, size, palette, ratio) {
  const end = chunk.at + chunk.pages;
  const gap = ratio;
  for (let at = chunk.at; at < end;) {
    const column = at % columns;
    const run = Math.min(end - at, columns - column);
    const x = Math.round(column * size);
    const y = Math.round(Math.floor(at / columns) * size);
    const w = Math.round((column + run) * size) - x - (at + run === end ? gap : 0);
    const h = Math.round((Math.floor(at / columns) + 1) * size) - y - gap;
    paintRun(context, chunk, x, y, w, h, palette, ratio);
    at += run;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chunk} chunk
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 * @param {Palette} palette
 * @param {number} ratio
 */
function paintRun(context, chunk, x, y, w, h, palette, ratio) {
  const type = chunk.attribute & 7;
  if (chunk.kind === KIND.offline || chunk.kind === KIND.hole) {
    context.strokeStyle = palette.line;
    context.lineWidth = ratio;
    context.strokeRect(x + ratio / 2, y + ratio / 2, w - ratio, h - ratio);
    return;
  }
  context.fillStyle = chunk.kind === KIND.free ? palette.types[type] : palette.neutral;
  context.fillRect(x, y, w, h);
  if (chunk.kind === KIND.pcp) {
    context.strokeStyle = palette.types[type];
    context.lineWidth = 2 * ratio;
    context.strokeRect(x + ratio, y + ratio, w - 2 * ratio, h - 2 * ratio);
  }
  if (chunk.kind === KIND.pinned || chunk.kind === KIND.reserved) {
    context.fillStyle = chunk.kind === KIND.pinned ? palette.ink : palette.muted;
    const side = Math.max(ratio, Math.min(w, h) * 0.35);
    context.fillRect(x + (w - side) / 2, y + (h - side) / 2, side, side);
  }
}
