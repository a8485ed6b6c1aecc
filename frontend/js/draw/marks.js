// What stands beside colour: a hatch for each migratetype, a small shape for each flag.

import { CELL, FLAG, ISOLATE, TYPES } from '../state/vocabulary.js';

/** @typedef {import('./palette.js').Palette} Palette */

/**
 * Hatch by migratetype, in the spelling of Plotly's bar patterns; movable, the commonest, is plain.
 * @type {readonly ('/'|'\\'|''|'.'|'-'|'x')[]}
 */
export const HATCHES = Object.freeze(['/', '\\', '', '.', '.', '-', 'x']);

/** Tile of a hatch, CSS pixels; Isolate's is wide, so that a whole zone of it stays calm. */
const TILE = 8;
const ISOLATE_TILE = 12;

/** @type {WeakMap<Palette, Map<string, CanvasPattern>>} */
const patterns = new WeakMap();

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} type
 * @param {Palette} palette
 * @param {number} ratio device pixels a CSS pixel
 * @returns {CanvasPattern|null} null: plain
 */
export function hatchOf(context, type, palette, ratio) {
  const shape = HATCHES[type];
  if (!shape) return null;
  const known = patterns.get(palette) ?? new Map();
  patterns.set(palette, known);
  const key = `${shape} ${ratio} ${type === ISOLATE}`;
  const found = known.get(key);
  if (found) return found;
  const tile = document.createElement('canvas');
  const size = Math.round((type === ISOLATE ? ISOLATE_TILE : TILE) * ratio);
  tile.width = size;
  tile.height = size;
  const paint = /** @type {CanvasRenderingContext2D} */ (tile.getContext('2d'));
  paint.strokeStyle = type === ISOLATE ? palette.hatchIsolate : palette.hatch;
  paint.fillStyle = paint.strokeStyle;
  paint.lineWidth = Math.max(1, ratio);
  paint.beginPath();
  if (shape === '/' || shape === 'x') rising(paint, size);
  if (shape === '\\' || shape === 'x') falling(paint, size);
  if (shape === '-') {
    paint.moveTo(0, size / 2);
    paint.lineTo(size, size / 2);
  }
  paint.stroke();
  if (shape === '.') {
    paint.beginPath();
    paint.arc(size / 2, size / 2, ratio * 1.2, 0, Math.PI * 2);
    paint.fill();
  }
  const pattern = /** @type {CanvasPattern} */ (context.createPattern(tile, 'repeat'));
  known.set(key, pattern);
  return pattern;
}

/**
 * Lines that meet across tiles.
 * @param {CanvasRenderingContext2D} paint
 * @param {number} size
 */
function rising(paint, size) {
  for (const shift of [-size, 0, size]) {
    paint.moveTo(shift - 1, size + 1);
    paint.lineTo(shift + size + 1, -1);
  }
}

/**
 * @param {CanvasRenderingContext2D} paint
 * @param {number} size
 */
function falling(paint, size) {
  for (const shift of [-size, 0, size]) {
    paint.moveTo(shift - 1, -1);
    paint.lineTo(shift + size + 1, size + 1);
  }
}

/** The shapes, in the order they stand from the right, with the words of the key. */
export const MARKS = /** @type {const} */ ([
  { flag: FLAG.stray, shape: 'stray', words: 'stray pages' },
  { flag: FLAG.straddled, shape: 'straddled', words: 'a chunk crosses the border' },
  { flag: FLAG.pinned, shape: 'pinned', words: 'pinned' },
  { flag: FLAG.pcp, shape: 'pcp', words: 'on pcp' },
  { flag: FLAG.offline, shape: 'offline', words: 'offline pages' },
  { flag: FLAG.reserved, shape: 'reserved', words: 'reserved' },
  { flag: FLAG.hole, shape: 'hole', words: 'hole' },
]);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} cell
 * @param {{x: number, y: number, w: number, h: number}} box device pixels
 * @param {Palette} palette
 * @param {number} ratio
 */
export function drawMarks(context, cell, box, palette, ratio) {
  const flags = CELL.flags(cell);
  const size = Math.min(9 * ratio, box.w * 0.2);
  let right = box.x + box.w - 3 * ratio;
  for (const mark of MARKS) {
    if (!(flags & mark.flag) || right - size < box.x) continue;
    drawMark(context, mark.shape, right - size, box.y + box.h - size - 3 * ratio, size, palette, ratio);
    right -= size + 3 * ratio;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} shape
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {Palette} palette
 * @param {number} ratio
 */
export function drawMark(context, shape, x, y, size, palette, ratio) {
  const middle = size / 2;
  context.beginPath();
  switch (shape) {
    case 'stray':
    case 'other':
      context.moveTo(x + middle, y);
      context.lineTo(x + size, y + middle);
      context.lineTo(x + middle, y + size);
      context.lineTo(x, y + middle);
      context.closePath();
      break;
    case 'straddled':
      // The common case in a free zone, so the quietest mark.
      context.moveTo(x + middle, y + size * 0.2);
      context.lineTo(x + size, y + size * 0.6);
      context.lineTo(x + middle, y + size);
      context.closePath();
      context.fillStyle = palette.quiet;
      context.fill();
      return;
    case 'pinned':
      context.rect(x + size * 0.1, y + size * 0.1, size * 0.8, size * 0.8);
      break;
    case 'pcp':
      // Comes and goes all the time: quiet too.
      context.arc(x + middle, y + middle, size * 0.36, 0, Math.PI * 2);
      context.lineWidth = 1.5 * ratio;
      context.strokeStyle = palette.quiet;
      context.stroke();
      return;
    case 'reserved':
      context.rect(x, y + size * 0.65, size, size * 0.35);
      break;
    default:
      context.rect(x + size * 0.15, y + size * 0.15, size * 0.7, size * 0.7);
  }
  const hollow = shape === 'hole' || shape === 'offline' || shape === 'other';
  context.lineWidth = 2.5 * ratio;
  context.strokeStyle = hollow ? palette.ink : palette.ground;
  context.stroke();
  context.fillStyle = hollow ? palette.ground : palette.ink;
  context.fill();
}

/**
 * A sample of a type for the key: its colour, hatch and letter.
 * @param {HTMLCanvasElement} canvas
 * @param {number} type
 * @param {Palette} palette
 */
export function drawSample(canvas, type, palette) {
  const ratio = window.devicePixelRatio || 1;
  const size = Math.round(18 * ratio);
  canvas.width = size;
  canvas.height = size;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = palette.types[type];
  context.fillRect(0, 0, size, size);
  const hatch = hatchOf(context, type, palette, ratio);
  if (hatch) {
    context.fillStyle = hatch;
    context.fillRect(0, 0, size, size);
  }
  context.font = `600 ${Math.round(12 * ratio)}px ${palette.sans}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = palette.types[type];
  context.fillRect(size * 0.15, size * 0.1, size * 0.7, size * 0.8);
  context.fillStyle = palette.letters[type];
  context.fillText(TYPES[type].letter, size / 2, size * 0.54);
}
