// Cells to pixels. Big cells are drawn one by one, letter, hatch and all; small ones are one pixel each of an
// image that is stretched. Only what changed is drawn again.

import { CELL, FLAG, ISOLATE, MORE, TYPES } from '../state/vocabulary.js';
import { contains } from '../state/selection.js';
import { cellPixel } from './palette.js';
import { cellPixels } from './geometry.js';
import { hatchOf, drawMarks } from './marks.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {import('./geometry.js').Rect} Rect
 * @typedef {import('./geometry.js').Window} Window
 * @typedef {import('./geometry.js').Grid} Grid
 * @typedef {import('../state/picture.js').Picture} Picture
 * @typedef {import('../state/selection.js').Selection} Selection
 * @typedef {{picture: Picture, grid: Grid, window: Window, rect: Rect, palette: Palette, selection: Selection,
 *   hover: number, focus: number, lit: ReadonlySet<number>}} Scene hover and focus are cells or -1; lit blocks hold listed pages
 */

/** From this size a cell is drawn by itself. */
const DRAWN_PX = 10;
const HATCHED_PX = 14;
const LETTERED_PX = 18;
const MARKED_PX = 24;
const WORDED_PX = 72;

export class MapCanvas {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    this.image = document.createElement('canvas');
    /** @type {ImageData|null} */
    this.pixels = null;
    /** @type {Scene|null} */
    this.last = null;
    this.ratio = 1;
    /** @type {{scene: Scene, path: Path2D}|null} the border round small selected cells, kept while the view holds */
    this.border = null;
  }

  /**
   * @param {Scene} scene
   * @param {Set<number>|null} changed cells to draw again; null: all
   */
  draw(scene, changed) {
    // Its size is looked at first: where all cells change in every frame, nothing else would ask.
    const resized = this.#resized();
    const whole = resized || changed === null || !sameView(this.last, scene);
    const before = this.last;
    this.last = scene;
    if (cellPixels(scene.window, scene.rect) < DRAWN_PX) {
      this.#drawImage(scene, whole && (changed === null || before?.palette !== scene.palette) ? null : changed);
      return;
    }
    this.pixels = null;
    const { context } = this;
    context.save();
    // All of it: a drawing of before, when the panel was larger, may lie outside the cells.
    if (whole) context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#clipTo(scene.rect);
    if (whole) {
      this.#eachVisible(scene, (cell) => this.#drawCell(scene, cell));
    } else {
      const again = new Set(changed);
      for (const cell of [before?.hover, before?.focus, scene.hover, scene.focus]) if (cell !== undefined && cell >= 0) again.add(cell);
      for (const cell of again) this.#drawCell(scene, cell);
    }
    context.restore();
  }

  #resized() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (width === this.canvas.width && height === this.canvas.height && ratio === this.ratio) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    this.ratio = ratio;
    return true;
  }

  /** @param {Rect} rect */
  #clipTo(rect) {
    const { context, ratio } = this;
    context.beginPath();
    context.rect(rect.left * ratio, rect.top * ratio, rect.width * ratio, rect.height * ratio);
    context.clip();
  }

  /**
   * @param {Scene} scene
   * @param {(cell: number) => void} visit
   */
  #eachVisible({ window: sight, grid }, visit) {
    const r1 = Math.min(grid.rows, Math.ceil(sight.y1));
    const c1 = Math.min(grid.columns, Math.ceil(sight.x1));
    for (let row = Math.max(0, Math.floor(sight.y0)); row < r1; row++) {
      for (let column = Math.max(0, Math.floor(sight.x0)); column < c1; column++) {
        const cell = row * grid.columns + column;
        if (cell < grid.cells) visit(cell);
      }
    }
  }

  /**
   * @param {Scene} scene
   * @param {number} cell
   */
  #drawCell(scene, cell) {
    const { context, ratio } = this;
    const { window: sight, rect, grid, palette } = scene;
    const across = (rect.width * ratio) / (sight.x1 - sight.x0);
    const down = (rect.height * ratio) / (sight.y1 - sight.y0);
    const column = cell % grid.columns;
    const row = Math.floor(cell / grid.columns);
    const x = Math.round(rect.left * ratio + (column - sight.x0) * across);
    const y = Math.round(rect.top * ratio + (row - sight.y0) * down);
    const w = Math.round(rect.left * ratio + (column + 1 - sight.x0) * across) - x;
    const h = Math.round(rect.top * ratio + (row + 1 - sight.y0) * down) - y;
    if (x + w <= 0 || y + h <= 0 || x >= this.canvas.width || y >= this.canvas.height) return;
    context.clearRect(x, y, w, h);
    const gap = Math.max(1, Math.round(ratio));
    const box = { x, y, w: w - gap, h: h - gap };
    this.#drawBody(scene.picture.cells[cell], box, palette);
    const first = scene.picture.firstBlock + cell * scene.picture.blocksPerCell;
    if (contains(scene.selection, first)) this.#outline(box, palette, 2, []);
    else if (scene.lit.has(cell)) this.#outline(box, palette, 1, [3, 3]);
    if (cell === scene.focus) this.#outline(inset(box, 4 * ratio), palette, 1, [2, 2]);
    else if (cell === scene.hover) this.#outline(box, palette, 1, []);
  }

  /**
   * @param {number} value the cell
   * @param {{x: number, y: number, w: number, h: number}} box device pixels
   * @param {Palette} palette
   */
  #drawBody(value, box, palette) {
    const { context, ratio } = this;
    const type = CELL.type(value);
    const more = CELL.more(value);
    const { x, y, w, h } = box;
    if (more & MORE.allOffline) {
      context.strokeStyle = palette.muted;
      context.lineWidth = ratio;
      context.setLineDash([4 * ratio, 3 * ratio]);
      // Far enough inside that a selected block's line does not cover it.
      const edge = (Math.min(w, h) / ratio >= MARKED_PX ? 6.5 : 1.5) * ratio;
      context.strokeRect(x + edge, y + edge, w - 2 * edge, h - 2 * edge);
      context.setLineDash([]);
      if (Math.min(w, h) / ratio >= WORDED_PX) this.#drawWord('offline', box, palette);
      return;
    }
    const reserved = (more & MORE.allReserved) !== 0;
    const size = Math.min(w, h) / ratio;
    const lettered = size >= LETTERED_PX && !reserved;
    // Under the letter the type's full colour stands whatever the fill, so that the letter can be read.
    const band = lettered ? Math.round(letterSize(box, ratio) * 1.3) : 0;
    context.fillStyle = reserved ? palette.neutral : palette.dim[type];
    context.fillRect(x, y, w, h);
    const share = CELL.share(value);
    if (!reserved && (share > 0 || band > 0)) {
      const gauge = h - band;
      const free = share === 255 ? gauge : share === 0 ? 0 : Math.min(gauge - ratio, Math.max(ratio, (gauge * share) / 255));
      context.fillStyle = palette.types[type];
      context.fillRect(x, y, w, band + Math.round(free));
    }
    if (size >= HATCHED_PX && !reserved) {
      const hatch = hatchOf(context, type, palette, ratio);
      if (hatch) {
        context.fillStyle = hatch;
        context.fillRect(x, y + band, w, h - band);
      }
    }
    if (CELL.flags(value) & FLAG.isolate && type !== ISOLATE) {
      context.strokeStyle = palette.types[ISOLATE];
      context.lineWidth = 2 * ratio;
      context.strokeRect(x + ratio, y + ratio, w - 2 * ratio, h - 2 * ratio);
    }
    if (lettered) this.#drawLetter(value, box, palette);
    if (size >= MARKED_PX) drawMarks(context, value, box, palette, ratio);
  }

  /**
   * @param {string} word
   * @param {{x: number, y: number, w: number, h: number}} box
   * @param {Palette} palette
   */
  #drawWord(word, { x, y, w, h }, palette) {
    const { context, ratio } = this;
    context.font = `400 ${palette.small * ratio}px ${palette.sans}`;
    context.textBaseline = 'middle';
    context.textAlign = 'center';
    context.fillStyle = palette.muted;
    context.fillText(word, x + w / 2, y + h / 2);
  }

  /**
   * @param {number} value
   * @param {{x: number, y: number, w: number, h: number}} box
   * @param {Palette} palette
   */
  #drawLetter(value, box, palette) {
    const { context, ratio } = this;
    const type = CELL.type(value);
    const size = letterSize(box, ratio);
    context.font = `600 ${size}px ${palette.sans}`;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.fillStyle = palette.letters[type];
    // Clear of the line round a selected block.
    context.fillText(TYPES[type].letter + (CELL.mixed(value) ? '+' : ''), box.x + Math.max(size * 0.42, 8 * ratio), box.y + Math.max(size * 0.72, size / 2 + 5 * ratio));
  }

  /**
   * @param {{x: number, y: number, w: number, h: number}} box
   * @param {Palette} palette
   * @param {number} width CSS pixels
   * @param {number[]} dash
   */
  #outline({ x, y, w, h }, palette, width, dash) {
    const { context, ratio } = this;
    const line = width * ratio;
    context.lineWidth = line + 2 * ratio;
    context.strokeStyle = palette.ground;
    context.strokeRect(x + line, y + line, w - 2 * line, h - 2 * line);
    context.lineWidth = line;
    context.strokeStyle = palette.accent;
    context.setLineDash(dash.map((part) => part * ratio));
    context.strokeRect(x + line / 2, y + line / 2, w - line, h - line);
    context.setLineDash([]);
  }

  /**
   * @param {Scene} scene
   * @param {Set<number>|null} changed
   */
  #drawImage(scene, changed) {
    const { context, ratio, image } = this;
    const { grid, rect, window: sight, picture, palette } = scene;
    const paint = /** @type {CanvasRenderingContext2D} */ (image.getContext('2d'));
    if (!this.pixels || this.pixels.width !== grid.columns || this.pixels.height !== grid.rows) {
      image.width = grid.columns;
      image.height = grid.rows;
      this.pixels = paint.createImageData(grid.columns, grid.rows);
      changed = null;
    }
    const words = new Uint32Array(this.pixels.data.buffer);
    let r0 = 0;
    let r1 = grid.rows - 1;
    if (changed === null) {
      for (let cell = 0; cell < grid.cells; cell++) words[cell] = cellPixel(picture.cells[cell], palette);
    } else {
      r0 = grid.rows;
      r1 = -1;
      for (const cell of changed) {
        words[cell] = cellPixel(picture.cells[cell], palette);
        r0 = Math.min(r0, Math.floor(cell / grid.columns));
        r1 = Math.max(r1, Math.floor(cell / grid.columns));
      }
    }
    if (r1 >= r0) paint.putImageData(this.pixels, 0, 0, 0, r0, grid.columns, r1 - r0 + 1);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = false;
    context.save();
    this.#clipTo(rect);
    context.drawImage(image, sight.x0, sight.y0, sight.x1 - sight.x0, sight.y1 - sight.y0,
      rect.left * ratio, rect.top * ratio, rect.width * ratio, rect.height * ratio);
    this.#outlineRanges(scene);
    context.restore();
  }

  /**
   * Small cells: one line round all that is selected, and a cross-hair round the focused cell.
   * @param {Scene} scene
   */
  #outlineRanges(scene) {
    const { context, ratio } = this;
    const { palette, focus, grid, rect, window: sight } = scene;
    if (scene.selection.ranges.length > 0) {
      if (!this.border || !sameView(this.border.scene, scene)) this.border = { scene, path: borderOf(scene, ratio) };
      for (const [width, colour] of /** @type {[number, string][]} */ ([[4, palette.ground], [2, palette.accent]])) {
        context.lineWidth = width * ratio;
        context.strokeStyle = colour;
        context.stroke(this.border.path);
      }
    }
    const across = (rect.width * ratio) / (sight.x1 - sight.x0);
    const down = (rect.height * ratio) / (sight.y1 - sight.y0);
    const round = (/** @type {number} */ cell) => inset({
      x: rect.left * ratio + ((cell % grid.columns) - sight.x0) * across,
      y: rect.top * ratio + (Math.floor(cell / grid.columns) - sight.y0) * down,
      w: across,
      h: down,
    }, -4 * ratio);
    for (const cell of scene.lit) this.#outline(round(cell), palette, 1, [2, 2]);
    if (focus >= 0) this.#outline(round(focus), palette, 1, []);
  }
}

/**
 * The line between selected cells and others, in device pixels.
 * @param {Scene} scene
 * @param {number} ratio
 */
function borderOf({ grid, rect, window: sight, picture, selection }, ratio) {
  const chosen = new Uint8Array(grid.cells);
  for (const [first, last] of selection.ranges) {
    const from = Math.max(0, Math.floor((first - picture.firstBlock) / picture.blocksPerCell));
    chosen.fill(1, from, Math.max(from, Math.floor((last - picture.firstBlock) / picture.blocksPerCell) + 1));
  }
  const x = (/** @type {number} */ column) => (rect.left + ((column - sight.x0) / (sight.x1 - sight.x0)) * rect.width) * ratio;
  const y = (/** @type {number} */ row) => (rect.top + ((row - sight.y0) / (sight.y1 - sight.y0)) * rect.height) * ratio;
  const path = new Path2D();
  const line = (/** @type {number} */ c0, /** @type {number} */ r0, /** @type {number} */ c1, /** @type {number} */ r1) => {
    path.moveTo(x(c0), y(r0));
    path.lineTo(x(c1), y(r1));
  };
  for (let row = Math.max(0, Math.floor(sight.y0)); row < Math.min(grid.rows, Math.ceil(sight.y1)); row++) {
    for (let column = Math.max(0, Math.floor(sight.x0)); column < Math.min(grid.columns, Math.ceil(sight.x1)); column++) {
      const cell = row * grid.columns + column;
      if (!chosen[cell]) continue;
      if (column === 0 || !chosen[cell - 1]) line(column, row, column, row + 1);
      if (column === grid.columns - 1 || !chosen[cell + 1]) line(column + 1, row, column + 1, row + 1);
      if (row === 0 || !chosen[cell - grid.columns]) line(column, row, column + 1, row);
      if (row === grid.rows - 1 || !chosen[cell + grid.columns]) line(column, row + 1, column + 1, row + 1);
    }
  }
  return path;
}

/**
 * @param {{w: number, h: number}} box device pixels
 * @param {number} ratio
 */
function letterSize({ w, h }, ratio) {
  return Math.round(Math.min(20 * ratio, Math.max(10 * ratio, Math.min(w, h) * 0.32)));
}

/**
 * @param {{x: number, y: number, w: number, h: number}} box
 * @param {number} by
 */
function inset({ x, y, w, h }, by) {
  return { x: x + by, y: y + by, w: w - 2 * by, h: h - 2 * by };
}

/**
 * @param {Scene|null} a
 * @param {Scene} b
 */
function sameView(a, b) {
  return a !== null && a.window === b.window && a.rect === b.rect && a.grid === b.grid && a.palette === b.palette
    && a.selection === b.selection && a.lit === b.lit;
}
