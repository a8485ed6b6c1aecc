// One chunk as a shape with what tells its kind: a hatch and a letter, a number, a bar, a square, a ring, dashes.

import { KIND, hasOrder, strayed } from '../state/chunks.js';
import { TYPES } from '../state/vocabulary.js';
import { KIND_WORDS } from './chunkwords.js';
import { grouped } from './format.js';
import { drawMark, hatchOf } from './marks.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {import('../state/chunks.js').Chunk} Chunk
 * @typedef {{x: number, y: number, w: number, h: number}} Box device pixels
 * @typedef {{context: CanvasRenderingContext2D, palette: Palette, ratio: number, blockType: number}} Brush
 */

/** Under these, in CSS pixels, no letter, no number, no words. */
const LETTER_W = 8;
const LETTER_H = 12;
const WORDS_W = 84;
const WORDS_H = 40;
const TOOTH = 7;

/**
 * The pages of a row of columns that a chunk takes, as one outline; rows it runs over stay one shape.
 * @param {number} at first page, from the grid's first
 * @param {number} pages
 * @param {number} columns
 * @param {(column: number, row: number) => {x: number, y: number}} corner
 * @param {number} pad kept free inside
 * @param {{above?: boolean, below?: boolean, tooth?: number}} [torn]
 */
export function outlineOf(at, pages, columns, corner, pad, torn = {}) {
  const path = new Path2D();
  const c0 = at % columns;
  const r0 = Math.floor(at / columns);
  const c1 = ((at + pages - 1) % columns) + 1;
  const r1 = Math.floor((at + pages - 1) / columns);
  const a = corner(0, r0);
  const b = corner(columns, r1 + 1);
  const start = corner(c0, r0 + 1);
  const end = corner(c1, r1);
  const left = a.x + pad;
  const right = b.x - pad;
  const top = a.y + pad;
  const bottom = b.y - pad;
  if (r0 === r1) {
    box(path, start.x + pad, top, end.x - pad, bottom, torn);
  } else if (c0 === 0 && c1 === columns) {
    box(path, left, top, right, bottom, torn);
  } else if (r1 === r0 + 1 && c1 <= c0) {
    box(path, start.x + pad, top, right, start.y - pad, torn);
    box(path, left, end.y + pad, end.x - pad, bottom, torn);
  } else {
    path.moveTo(start.x + pad, top);
    path.lineTo(right, top);
    path.lineTo(right, c1 === columns ? bottom : end.y - pad);
    if (c1 !== columns) {
      path.lineTo(end.x - pad, end.y - pad);
      path.lineTo(end.x - pad, bottom);
    }
    path.lineTo(left, bottom);
    if (c0 !== 0) {
      path.lineTo(left, start.y + pad);
      path.lineTo(start.x + pad, start.y + pad);
    }
    path.closePath();
  }
  return path;
}

/**
 * A rectangle; where a chunk goes on beyond what is shown its edge is torn.
 * @param {Path2D} path
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {{above?: boolean, below?: boolean, tooth?: number}} torn
 */
function box(path, x0, y0, x1, y1, { above, below, tooth = TOOTH }) {
  const teeth = Math.max(2, Math.round((x1 - x0) / (2 * tooth)));
  const step = (x1 - x0) / teeth;
  path.moveTo(x0, y0);
  for (let i = 0; above && i < teeth; i++) {
    path.lineTo(x0 + (i + 0.5) * step, y0 + tooth);
    path.lineTo(x0 + (i + 1) * step, y0);
  }
  path.lineTo(x1, y0);
  path.lineTo(x1, y1);
  for (let i = 0; below && i < teeth; i++) {
    path.lineTo(x1 - (i + 0.5) * step, y1 - tooth);
    path.lineTo(x1 - (i + 1) * step, y1);
  }
  path.lineTo(x0, y1);
  path.closePath();
}

/**
 * @param {Brush} brush
 * @param {Chunk} chunk
 * @param {Path2D} path its outline
 * @param {Box} space the largest rectangle inside it
 * @param {Box} page its first page
 */
export function paintChunk(brush, chunk, path, space, page) {
  const { context, palette, ratio } = brush;
  switch (chunk.kind) {
    case KIND.outside:
      return;
    case KIND.hole:
      ticks(brush, space);
      caption(brush, chunk, space, palette.muted);
      return;
    case KIND.offline:
      context.strokeStyle = palette.muted;
      context.lineWidth = ratio;
      context.setLineDash([4 * ratio, 3 * ratio]);
      context.stroke(path);
      context.setLineDash([]);
      caption(brush, chunk, space, palette.muted);
      return;
    case KIND.transit:
      // In no chunk, on no list: the outline of what it will be next.
      context.strokeStyle = palette.ink;
      context.lineWidth = 2 * ratio;
      context.setLineDash([3 * ratio, 3 * ratio]);
      context.stroke(path);
      context.setLineDash([]);
      caption(brush, chunk, space, palette.ink);
      return;
    case KIND.pcp:
      context.strokeStyle = palette.line;
      context.lineWidth = ratio;
      context.stroke(path);
      ring(brush, chunk, page);
      caption(brush, chunk, space, palette.ink);
      return;
    case KIND.freeing:
      // No longer in use, on no list yet: filled half way.
      context.fillStyle = palette.neutral;
      context.fillRect(space.x, Math.round(space.y + space.h / 2), space.w, Math.ceil(space.h / 2));
      context.strokeStyle = palette.line;
      context.lineWidth = ratio;
      context.stroke(path);
      label(brush, chunk, space);
      return;
    case KIND.free:
      context.fillStyle = palette.types[chunk.type];
      context.fill(path);
      hatched(brush, chunk.type, path, page);
      label(brush, chunk, space);
      return;
    default:
      context.fillStyle = palette.neutral;
      context.fill(path);
      if (chunk.kind === KIND.reserved) {
        context.fillStyle = palette.muted;
        context.fillRect(space.x, Math.round(space.y + space.h * 0.7), space.w, Math.ceil(space.h * 0.3));
      }
      label(brush, chunk, space);
      marks(brush, chunk, space, page);
  }
}

/** Whether there is room for words. @param {Box} box @param {number} ratio */
const roomy = ({ w, h }, ratio) => w >= WORDS_W * ratio && h >= WORDS_H * ratio;

/** @param {Box} box */
const least = ({ w, h }) => Math.min(w, h);

/**
 * @param {Box} page
 * @param {number} ratio
 */
export function letterSize(page, ratio) {
  return Math.round(Math.min(16 * ratio, Math.max(10 * ratio, least(page) * 0.34)));
}

/**
 * @param {Brush} brush
 * @param {number} type
 * @param {Path2D} path
 * @param {Box} page
 */
function hatched({ context, palette, ratio }, type, path, page) {
  const hatch = least(page) >= 6 * ratio ? hatchOf(context, type, palette, ratio) : null;
  if (!hatch) return;
  context.fillStyle = hatch;
  context.fill(path);
}

/**
 * Letter and order at the upper left, and below them what there is room for.
 * @param {Brush} brush
 * @param {Chunk} chunk
 * @param {Box} space
 */
function label(brush, chunk, space) {
  const { context, palette, ratio } = brush;
  const free = chunk.kind === KIND.free;
  const size = Math.min(letterSize(space, ratio), Math.round(space.w));
  if (space.w < LETTER_W * ratio || space.h < LETTER_H * ratio) return;
  const ink = free ? palette.letters[chunk.type] : palette.ink;
  const letter = free ? TYPES[chunk.type].letter : '';
  const number = free || (hasOrder(chunk.kind) && chunk.order > 0) ? String(chunk.order) : '';
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = `600 ${size}px ${palette.sans}`;
  const letterWide = letter ? context.measureText(letter).width : 0;
  context.font = `400 ${size}px ${palette.sans}`;
  const numberWide = context.measureText(number).width;
  const gap = letter && number ? size * 0.18 : 0;
  const whole = letterWide + gap + numberWide;
  // The diamond of a low page stands beside the letter, that of a tall one below it.
  const astray = strayed(chunk, brush.blockType);
  const low = space.h < 24 * ratio;
  const side = (low ? 6 : 8) * ratio;
  const room = astray && low ? space.w - side - 2 * ratio : space.w;
  const pad = Math.min(roomy(space, ratio) ? 8 * ratio : size * 0.5, (room - Math.min(whole, letterWide || numberWide)) / 2);
  const both = whole + 2 * Math.min(pad, 2 * ratio) <= room;
  const x = space.x + Math.max(0, both ? Math.min(pad, (room - whole) / 2) : (room - (letterWide || numberWide)) / 2);
  const y = space.y + Math.min(size * 0.9, space.h / 2);
  if (free && letter) {
    // No hatch under the letter.
    context.fillStyle = palette.types[chunk.type];
    context.fillRect(space.x, space.y, Math.min(space.w, x - space.x + (both ? whole : letterWide) + 3 * ratio), y - space.y + size * 0.6);
  }
  context.fillStyle = ink;
  if (letter) {
    context.font = `600 ${size}px ${palette.sans}`;
    context.fillText(letter, x, y);
  }
  if (number && (both || !letter)) {
    context.font = `400 ${size}px ${palette.sans}`;
    context.fillText(number, x + letterWide + gap, y);
  }
  if (astray && room >= letterWide && space.w >= side + 4 * ratio) {
    const bottom = low ? (space.h - side) / 2 : 3 * ratio;
    drawMark(context, astray, space.x + space.w - side - (low ? 1.5 : 3) * ratio, space.y + space.h - side - bottom, side, palette, ratio);
  }
  caption(brush, chunk, space, ink);
}

/**
 * Words inside a shape that has room for them: its kind, and below it where it begins.
 * @param {Brush} brush
 * @param {Chunk} chunk
 * @param {Box} space
 * @param {string} ink
 */
function caption(brush, chunk, space, ink) {
  const { context, palette, ratio } = brush;
  if (!roomy(space, ratio)) return;
  const size = Math.round(palette.small * ratio);
  const plain = !hasOrder(chunk.kind) || (chunk.kind !== KIND.free && chunk.order === 0);
  const top = plain ? space.y + size * 1.1 : space.y + letterSize(space, ratio) * 1.4 + size * 0.8;
  const first = chunk.head < 0 ? chunk.pfn : chunk.head;
  const extent = chunk.size > 1 ? `PFN ${grouped(first)}–${grouped(first + chunk.size - 1)}` : `PFN ${grouped(first)}`;
  const kind = KIND_WORDS[chunk.kind];
  const wordings = [chunk.lru && chunk.kind !== KIND.free ? [`${kind}, LRU ${chunk.anon ? 'anon' : 'file'}`, `${kind}, LRU`, kind] : [kind], [extent, `PFN ${grouped(first)}`]];
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  const x = space.x + 8 * ratio;
  wordings.forEach((choice, i) => {
    context.font = `400 ${size}px ${i === 0 ? palette.sans : palette.mono}`;
    const y = top + i * size * 1.5;
    const text = choice.find((words) => x + context.measureText(words).width + 2 * ratio <= space.x + space.w);
    if (!text || y + size * 0.8 > space.y + space.h) return;
    const wide = context.measureText(text).width;
    if (chunk.kind === KIND.free) {
      context.fillStyle = palette.types[chunk.type];
      context.fillRect(space.x, y - size * 0.75, x - space.x + wide + 3 * ratio, size * 1.5);
    }
    context.fillStyle = ink;
    context.fillText(text, x, y);
  });
}

/**
 * What else is true of a chunk in use: a bar at the foot for the LRU (with a gap: anonymous), a square for a pin, an arrow for a page on its way.
 * @param {Brush} brush
 * @param {Chunk} chunk
 * @param {Box} space
 * @param {Box} page
 */
function marks({ context, palette, ratio }, chunk, space, page) {
  const side = Math.max(2 * ratio, Math.min(9 * ratio, least(page) * (chunk.lru ? 0.36 : 0.42)));
  const cx = space.x + Math.min(page.w, space.w) / 2;
  // A number or words stand at the left: the mark goes to the right end.
  const wordy = roomy(space, ratio);
  const x = chunk.order > 0 || wordy ? space.x + space.w - side - (wordy ? 8 : 4) * ratio : cx - side / 2;
  const thick = Math.round(Math.max(ratio, Math.min(3 * ratio, space.h * 0.14)));
  const foot = chunk.lru ? thick + (space.h > 10 * ratio ? 3 * ratio : ratio) : 0;
  const y = space.y + (wordy ? 8 * ratio : Math.max(ratio, (Math.min(page.h, space.h) - foot - side) / 2));
  context.fillStyle = palette.ink;
  if (chunk.kind === KIND.pinned) context.fillRect(Math.round(x), Math.round(y), Math.round(side), Math.round(side));
  if (chunk.kind === KIND.migrating) arrow(context, x, y, side, palette.ink, ratio);
  if (!chunk.lru) return;
  const wide = Math.round(Math.max(2 * ratio, Math.min(12 * ratio, page.w * 0.45)));
  const y0 = Math.round(space.y + space.h - foot);
  const x0 = Math.round(cx - wide / 2);
  // A file's bar is whole, that of a process has a gap.
  const gap = chunk.anon ? Math.max(ratio, Math.round(wide / 4)) : 0;
  const half = Math.floor((wide - gap) / 2);
  context.fillRect(x0, y0, gap ? half : wide, thick);
  if (gap) context.fillRect(x0 + wide - half, y0, half, thick);
}

/**
 * @param {Brush} brush
 * @param {Chunk} chunk
 * @param {Box} page
 */
function ring({ context, palette, ratio }, chunk, page) {
  const radius = Math.min(10 * ratio, Math.max(1.5 * ratio, least(page) * 0.36));
  const wordy = roomy(page, ratio);
  const x = wordy ? page.x + page.w - radius - 8 * ratio : page.x + page.w / 2;
  const y = wordy ? page.y + radius + 8 * ratio : page.y + page.h / 2;
  context.beginPath();
  context.arc(x, y, radius, 0, Math.PI * 2);
  context.fillStyle = palette.types[chunk.type] ?? palette.ground;
  context.fill();
  context.lineWidth = radius > 4 * ratio ? 1.5 * ratio : ratio;
  context.strokeStyle = palette.ink;
  context.stroke();
  if (radius < 6.5 * ratio) return;
  context.font = `600 ${Math.round(radius * 1.25)}px ${palette.sans}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = palette.letters[chunk.type];
  context.fillText(TYPES[chunk.type].letter, x, y + radius * 0.08);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} side
 * @param {string} ink
 * @param {number} ratio
 */
function arrow(context, x, y, side, ink, ratio) {
  context.strokeStyle = ink;
  context.lineWidth = 1.5 * ratio;
  context.beginPath();
  context.moveTo(x, y + side / 2);
  context.lineTo(x + side, y + side / 2);
  context.moveTo(x + side * 0.55, y + side * 0.1);
  context.lineTo(x + side, y + side / 2);
  context.lineTo(x + side * 0.55, y + side * 0.9);
  context.stroke();
}

/** No struct page: nothing but its corners. @param {Brush} brush @param {Box} space */
function ticks({ context, palette, ratio }, { x, y, w, h }) {
  const long = Math.min(6 * ratio, w * 0.3, h * 0.3);
  context.strokeStyle = palette.muted;
  context.lineWidth = ratio;
  context.beginPath();
  for (const [cx, cy, dx, dy] of [[x, y, 1, 1], [x + w, y, -1, 1], [x, y + h, 1, -1], [x + w, y + h, -1, -1]]) {
    context.moveTo(cx + dx * long, cy + dy * 0.5);
    context.lineTo(cx + dx * 0.5, cy + dy * 0.5);
    context.lineTo(cx + dx * 0.5, cy + dy * long);
  }
  context.stroke();
}
