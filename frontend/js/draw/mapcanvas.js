// Blocks to pixels. Large ones are drawn one by one, letter, hatch and all; small ones are one pixel each of an
// image that is stretched. Where several share a cell of the zone's picture, that is such an image too, and blocks
// that are known one by one lie over it. Only what changed is drawn again.

import { blockAt, indexIn } from '../state/close.js';
import { CELL, FLAG, ISOLATE, MORE, TYPES } from '../state/vocabulary.js';
import { contains } from '../state/selection.js';
import { borderOf } from './border.js';
import { CellImage } from './cellimage.js';
import { cellPixels, placeIn } from './geometry.js';
import { hatchOf, drawMarks } from './marks.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {import('./geometry.js').Rect} Rect
 * @typedef {import('./geometry.js').Window} Window
 * @typedef {import('./geometry.js').Grid} Grid
 * @typedef {import('../state/close.js').Close} Close
 * @typedef {import('../state/picture.js').Picture} Picture
 * @typedef {import('../state/selection.js').Selection} Selection
 * @typedef {{picture: Picture, close: Close|null, covered: boolean, grid: Grid, window: Window, rect: Rect, palette: Palette,
 *   selection: Selection, hover: number, focus: number, lit: ReadonlySet<number>}} Scene hover and focus are blocks or -1; lit
 *   blocks hold listed pages; `close` has blocks one by one where the picture's cells are shared, all in sight if `covered`
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
    this.zone = new CellImage();
    this.near = new CellImage();
    /** @type {Scene|null} */
    this.last = null;
    this.ratio = 1;
    /** @type {{scene: Scene, path: Path2D}|null} the border round small selected cells, kept while the view holds */
    this.border = null;
  }

  /**
   * @param {Scene} scene
   * @param {Set<number>|null} changed cells of the picture to draw again; null: all
   * @param {Set<number>|null} changedNear the same of `close`
   */
  draw(scene, changed, changedNear) {
    // Its size is looked at first: where all cells change in every frame, nothing else would ask.
    const resized = this.#resized();
    const same = !resized && sameView(this.last, scene);
    const before = this.last;
    this.last = scene;
    if (cellPixels(scene.window, scene.rect) < DRAWN_PX) {
      this.#drawSmall(scene, changed, changedNear);
      return;
    }
    const { close } = scene;
    const shared = scene.picture.blocksPerCell > 1;
    const again = shared
      ? scene.covered && close && changedNear && [...changedNear].map((i) => blockAt(close, i))
      : changed && [...changed].map((i) => scene.grid.first + i);
    const { context } = this;
    context.save();
    // All of it: a drawing of before, when the panel was larger, may lie outside the cells.
    if (!same || !again) context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#clipTo(scene.rect);
    if (shared && !scene.covered) this.#drawZone(scene, changed);
    else this.zone.forget();
    this.near.forget();
    if (!same || !again) {
      this.#eachVisible(scene, (block) => this.#drawBlock(scene, block));
    } else {
      const blocks = new Set(again);
      for (const block of [before?.hover, before?.focus, scene.hover, scene.focus]) if (block !== undefined && block >= 0) blocks.add(block);
      for (const block of blocks) this.#drawBlock(scene, block);
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
   * @param {(block: number) => void} visit
   */
  #eachVisible({ window: sight, grid }, visit) {
    const r1 = Math.min(grid.rows, Math.ceil(sight.y1));
    const c1 = Math.min(grid.columns, Math.ceil(sight.x1));
    for (let row = Math.max(0, Math.floor(sight.y0)); row < r1; row++) {
      for (let column = Math.max(0, Math.floor(sight.x0)); column < c1; column++) {
        const at = row * grid.columns + column;
        if (at < grid.cells) visit(grid.first + at);
      }
    }
  }

  /**
   * A block that is known by itself.
   * @param {Scene} scene
   * @param {number} block
   */
  #drawBlock(scene, block) {
    const value = cellOf(scene, block);
    if (value === undefined) return;
    const { context, ratio } = this;
    const { window: sight, rect, grid, palette } = scene;
    const across = (rect.width * ratio) / (sight.x1 - sight.x0);
    const down = (rect.height * ratio) / (sight.y1 - sight.y0);
    const { column, row } = placeIn(block, grid);
    const x = Math.round(rect.left * ratio + (column - sight.x0) * across);
    const y = Math.round(rect.top * ratio + (row - sight.y0) * down);
    const w = Math.round(rect.left * ratio + (column + 1 - sight.x0) * across) - x;
    const h = Math.round(rect.top * ratio + (row + 1 - sight.y0) * down) - y;
    if (x + w <= 0 || y + h <= 0 || x >= this.canvas.width || y >= this.canvas.height) return;
    context.clearRect(x, y, w, h);
    const gap = Math.max(1, Math.round(ratio));
    const box = { x, y, w: w - gap, h: h - gap };
    this.#drawBody(value, box, palette);
    if (contains(scene.selection, block)) this.#outline(box, palette, 2, []);
    else if (scene.lit.has(block)) this.#outline(box, palette, 1, [3, 3]);
    if (block === scene.focus) this.#outline(inset(box, 4 * ratio), palette, 1, [2, 2]);
    else if (block === scene.hover) this.#outline(box, palette, 1, []);
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
   * @param {Set<number>|null} changedNear
   */
  #drawSmall(scene, changed, changedNear) {
    const { context } = this;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.save();
    this.#clipTo(scene.rect);
    this.#drawZone(scene, changed);
    this.#drawNear(scene, changedNear);
    this.#outlineRanges(scene);
    context.restore();
  }

  /**
   * The zone's picture: cells that several blocks share are as many blocks wide.
   * @param {Scene} scene
   * @param {Set<number>|null} changed
   */
  #drawZone({ picture, grid, rect, window: sight, palette }, changed) {
    const { context, ratio } = this;
    const wide = picture.blocksPerCell;
    this.zone.paint(picture.cells, Math.ceil(grid.columns / wide), palette, changed);
    // Where a row has less than a pixel it must not fall through.
    context.imageSmoothingEnabled = sight.y1 - sight.y0 > rect.height * ratio;
    context.drawImage(this.zone.canvas, sight.x0 / wide, sight.y0, (sight.x1 - sight.x0) / wide, sight.y1 - sight.y0,
      rect.left * ratio, rect.top * ratio, rect.width * ratio, rect.height * ratio);
  }

  /**
   * Blocks one by one, over the cells that they share.
   * @param {Scene} scene
   * @param {Set<number>|null} changed
   */
  #drawNear({ close, grid, rect, window: sight, palette }, changed) {
    if (!close || close.stride !== grid.columns) return;
    const { context, ratio } = this;
    const { width } = close;
    this.near.paint(close.cells, width, palette, changed);
    const across = (rect.width * ratio) / (sight.x1 - sight.x0);
    const down = (rect.height * ratio) / (sight.y1 - sight.y0);
    const { height } = this.near.canvas;
    const { column, row } = placeIn(close.first, grid);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.near.canvas, rect.left * ratio + (column - sight.x0) * across,
      rect.top * ratio + (row - sight.y0) * down, width * across, height * down);
    // The last run may have gone on into the zone above.
    const end = placeIn(grid.first + grid.cells, grid);
    if (end.column > 0) context.clearRect(rect.left * ratio + (end.column - sight.x0) * across, rect.top * ratio + (end.row - sight.y0) * down, grid.columns * across, down);
  }

  /**
   * Small blocks: one line round all that is selected, and a ring round the focused one.
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
    const round = (/** @type {number} */ block) => {
      const { column, row } = placeIn(block, grid);
      return inset({ x: rect.left * ratio + (column - sight.x0) * across, y: rect.top * ratio + (row - sight.y0) * down, w: across, h: down }, -4 * ratio);
    };
    for (const block of scene.lit) this.#outline(round(block), palette, 1, [2, 2]);
    if (focus >= 0) this.#outline(round(focus), palette, 1, []);
  }
}

/**
 * @param {Scene} scene
 * @param {number} block
 * @returns {number|undefined} its own cell; undefined where it is not known
 */
function cellOf({ picture, close }, block) {
  if (picture.blocksPerCell === 1) return picture.cells[block - picture.firstBlock];
  const at = close ? indexIn(close, block) : -1;
  return close && at >= 0 ? close.cells[at] : undefined;
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
    && a.selection === b.selection && a.lit === b.lit && a.covered === b.covered;
}
