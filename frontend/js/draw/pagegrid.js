// The pages of a block on a grid in PFN order, each chunk one shape. What stands still is drawn once and kept;
// hover and selection are lines over it.

import { chunkAt } from '../state/chunks.js';
import { grouped } from './format.js';
import { cellAt, gridFor, wholeWindow } from './geometry.js';
import { outlineOf, paintChunk } from './pageshape.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {import('./geometry.js').Grid} Grid
 * @typedef {import('./geometry.js').Rect} Rect
 * @typedef {import('./pageshape.js').Box} Box
 * @typedef {import('../state/chunks.js').Chunk} Chunk
 * @typedef {import('../state/chunks.js').BlockPages} BlockPages
 * @typedef {{held: BlockPages, palette: Palette, blockType: number, hover: number, chosen: number, focused: boolean}} PageScene
 *   `hover` and `chosen` are PFNs or −1; `focused`: the chosen one has the keyboard
 */

/** Room between labels of rows, CSS pixels. */
const LABEL_PX = 22;

export class PageGrid {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {boolean} labelled PFNs beside the rows
   */
  constructor(canvas, labelled) {
    this.canvas = canvas;
    this.labelled = labelled;
    this.kept = document.createElement('canvas');
    /** @type {Grid} */
    this.grid = { columns: 1, rows: 1, cells: 0, first: 0 };
    /** @type {Rect} */
    this.rect = { left: 0, top: 0, width: 0, height: 0 };
    this.first = 0;
    this.ratio = 1;
    /** @type {PageScene|null} */
    this.drawn = null;
  }

  /**
   * Take the canvas's size. A page is nearest to a square that lies a little.
   * @param {BlockPages} held
   * @param {Palette} palette
   * @param {number} [columns] if the grid is to have so many, whatever their shape
   */
  fit(held, palette, columns) {
    const { span } = held;
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const left = this.labelled ? this.#gutter(palette, span.first + span.count) : 0;
    const inner = { width: Math.max(1, width - left - 1), height: Math.max(1, height - 2) };
    const grid = columns ? { columns, rows: Math.ceil(span.count / columns), cells: span.count, first: 0 } : gridFor(span.count, inner.width, inner.height);
    const same = width === this.rect.left + this.rect.width + 1 && height === this.rect.height + 2 && left === this.rect.left
      && ratio === this.ratio && grid.columns === this.grid.columns && grid.cells === this.grid.cells;
    this.first = span.first;
    if (same) return;
    this.rect = { left, top: 1, ...inner };
    this.grid = grid;
    this.ratio = ratio;
    for (const canvas of [this.canvas, this.kept]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.drawn = null;
  }

  /** @param {PageScene} scene */
  draw(scene) {
    const before = this.drawn;
    const still = before && before.held.chunks === scene.held.chunks && before.palette === scene.palette && before.blockType === scene.blockType;
    if (still && before.hover === scene.hover && before.chosen === scene.chosen && before.focused === scene.focused) return;
    this.drawn = scene;
    if (!still) this.#drawStill(scene);
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.kept, 0, 0);
    const { palette } = scene;
    const hover = chunkAt(scene.held.chunks, scene.hover);
    const chosen = chunkAt(scene.held.chunks, scene.chosen);
    if (hover && hover !== chosen) this.#ring(context, hover, palette, 1, []);
    if (chosen) this.#ring(context, chosen, palette, 2, scene.focused ? [5, 3] : []);
  }

  /** @param {PageScene} scene */
  #drawStill({ held, palette, blockType }) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.kept.getContext('2d'));
    const { ratio } = this;
    context.clearRect(0, 0, this.kept.width, this.kept.height);
    if (this.labelled) this.#drawLabels(context, palette);
    const brush = { context, palette, ratio, blockType };
    const page = this.#box(0, 1);
    const gap = page.w > 6 * ratio ? ratio : ratio / 2;
    for (const chunk of held.chunks) {
      const at = chunk.pfn - this.first;
      const torn = { above: chunk.above, below: chunk.below, tooth: Math.min(7 * ratio, page.h * 0.4) };
      const path = outlineOf(at, chunk.pages, this.grid.columns, (c, r) => this.#corner(c, r), gap / 2, torn);
      const space = this.#space(chunk, gap);
      if (chunk.above) {
        space.y += torn.tooth;
        space.h -= torn.tooth;
      }
      paintChunk(brush, chunk, path, space, inset(this.#box(at, 1), gap / 2));
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Chunk} chunk
   * @param {Palette} palette
   * @param {number} width
   * @param {number[]} dash
   */
  #ring(context, chunk, palette, width, dash) {
    const { ratio } = this;
    const path = outlineOf(chunk.pfn - this.first, chunk.pages, this.grid.columns, (c, r) => this.#corner(c, r), (width / 2) * ratio);
    context.strokeStyle = palette.ground;
    context.lineWidth = (width + 2) * ratio;
    context.stroke(path);
    context.strokeStyle = palette.accent;
    context.lineWidth = width * ratio;
    context.setLineDash(dash.map((part) => part * ratio));
    context.stroke(path);
    context.setLineDash([]);
  }

  /**
   * Labels give the first PFN of their row.
   * @param {CanvasRenderingContext2D} context
   * @param {Palette} palette
   */
  #drawLabels(context, palette) {
    const { ratio, rect, grid } = this;
    const row = rect.height / grid.rows;
    const every = 2 ** Math.max(0, Math.ceil(Math.log2(LABEL_PX / row)));
    context.font = labelFont(palette, ratio);
    context.fillStyle = palette.muted;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (let r = 0; r < grid.rows; r += every) {
      // Beside the chunk's own first line where rows are tall; the first stays whole where they are low.
      const y = Math.max(rect.top + palette.small * 0.6, rect.top + (r + Math.min(0.5, 10 / row)) * row);
      context.fillText(grouped(this.first + r * grid.columns), (rect.left - 8) * ratio, y * ratio);
    }
  }

  /**
   * @param {Palette} palette
   * @param {number} largest PFN
   */
  #gutter(palette, largest) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.kept.getContext('2d'));
    context.font = labelFont(palette, 1);
    return Math.max(54, Math.ceil(context.measureText(grouped(largest)).width) + 16);
  }

  /** @param {number} column @param {number} row */
  #corner(column, row) {
    const { rect, grid, ratio } = this;
    return {
      x: Math.round((rect.left + (column / grid.columns) * rect.width) * ratio),
      y: Math.round((rect.top + (row / grid.rows) * rect.height) * ratio),
    };
  }

  /**
   * @param {number} at
   * @param {number} pages all in one row
   * @returns {Box}
   */
  #box(at, pages) {
    const column = at % this.grid.columns;
    const row = Math.floor(at / this.grid.columns);
    const a = this.#corner(column, row);
    const b = this.#corner(column + pages, row + 1);
    return { x: a.x, y: a.y, w: b.x - a.x, h: b.y - a.y };
  }

  /**
   * The largest rectangle of whole rows in a chunk's shape, or the longest row.
   * @param {Chunk} chunk
   * @param {number} gap
   * @returns {Box}
   */
  #space(chunk, gap) {
    const { columns } = this.grid;
    const at = chunk.pfn - this.first;
    const end = at + chunk.pages;
    const r0 = Math.ceil(at / columns);
    const r1 = Math.floor(end / columns);
    const head = Math.min(end, r0 * columns) - at;
    if (r1 > r0) {
      const a = this.#corner(0, r0);
      const b = this.#corner(columns, r1);
      return inset({ x: a.x, y: a.y, w: b.x - a.x, h: b.y - a.y }, gap / 2);
    }
    const tail = end - Math.max(at, r1 * columns);
    return inset(head >= tail ? this.#box(at, head) : this.#box(Math.max(at, r1 * columns), tail), gap / 2);
  }

  /**
   * The box round a run of pages, in the canvas, CSS pixels: of several rows, all of them.
   * @param {number} pfn
   * @param {number} pages
   * @returns {Rect}
   */
  boxOf(pfn, pages) {
    const { columns, rows } = this.grid;
    const at = pfn - this.first;
    const [top, bottom] = [at, at + pages - 1].map((page) => Math.floor(page / columns));
    const [left, right] = top === bottom ? [at % columns, (at + pages - 1) % columns] : [0, columns - 1];
    const width = this.rect.width / columns;
    const height = this.rect.height / rows;
    return {
      left: this.rect.left + left * width, top: this.rect.top + top * height,
      width: (right - left + 1) * width, height: (bottom - top + 1) * height,
    };
  }

  /**
   * The page under a point of the canvas: its PFN, or −1.
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    const cell = cellAt(x, y, this.rect, wholeWindow(this.grid), this.grid);
    return cell < 0 ? -1 : this.first + cell;
  }
}

/**
 * @param {Palette} palette
 * @param {number} ratio
 */
function labelFont(palette, ratio) {
  return `400 ${palette.small * ratio}px ${palette.mono}`;
}

/**
 * @param {Box} box
 * @param {number} by
 * @returns {Box}
 */
function inset({ x, y, w, h }, by) {
  return { x: x + by, y: y + by, w: w - 2 * by, h: h - 2 * by };
}
