// Motion that explains: at a pace that can be followed, chunks are seen to travel between lists, to split and to
// merge, and a block to change its type. With reduced motion there is none.

import { byId } from '../draw/dom.js';
import { movesBetween, reshapedBetween } from '../draw/moves.js';
import { blockAt } from '../state/close.js';
import { CELL, TYPES } from '../state/vocabulary.js';

/**
 * @typedef {import('../draw/moves.js').List} List
 * @typedef {import('../draw/moves.js').Move} Move
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/picture.js').Picture} Picture
 * @typedef {{x: number, y: number}} Place in the window, CSS pixels
 * @typedef {{from: Place, to: Place, first: number, last: number}} Token of type `first` where it sets out, `last` where it comes in
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 * @typedef {import('../draw/moves.js').Run} Run
 * @typedef {{chunks: readonly Run[], boxOf: (pfn: number, pages: number) => Box}} Pages of a block, and where they stand
 * @typedef {{list: (type: number, order: number) => Place|null, block: (block: number) => Box|null, pages: () => Pages|null}} Where
 */

/** Beyond this many operations a second nobody can follow. */
const FOLLOWED_RATE = 5;
const LASTS_MS = 240;
const SIDE = 18;
/** Blocks that fade from one type to another at once. */
const MOST_BLOCKS = 64;

export class MotionView {
  /**
   * @param {Lab} lab
   * @param {Where} where where lists and blocks stand in the window
   */
  constructor(lab, where) {
    this.lab = lab;
    this.where = where;
    this.canvas = byId('motion', HTMLCanvasElement);
    this.still = matchMedia('(prefers-reduced-motion: reduce)');
    /** @type {Palette|null} */
    this.palette = null;
    /** @type {{op: number, view: number, lists: Uint32Array, cells: Uint32Array}|null} the moment drawn before */
    this.before = null;
    /** @type {readonly Run[]|null} chunks of the block whose pages are on show, as drawn before */
    this.chunks = null;
    /** @type {{from: Box, to: Box}[]} */
    this.reshaped = [];
    /** @type {Token[]} */
    this.tokens = [];
    /** @type {{box: Box, type: number}[]} blocks and the type they had */
    this.fading = [];
    this.since = 0;
    this.pagesSince = 0;
    this.asked = false;
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
  }

  /** Once a frame, before the map and the lists are drawn anew. */
  draw() {
    const { picture } = this.lab;
    if (!picture || !this.#followed()) {
      this.before = null;
      this.chunks = null;
      return;
    }
    this.#drawPages();
    const { before } = this;
    const { close } = this.lab;
    const { view, cells } = close ?? picture;
    // Blocks one by one come in frames of their own; what moved is seen once both are there.
    if (before?.op === picture.op || (close && close.op !== picture.op)) return;
    this.before = { op: picture.op, view, lists: picture.lists.slice(), cells: cells.slice() };
    if (!before || before.op > picture.op || before.view !== view || before.lists.length !== picture.lists.length || before.cells.length !== cells.length) return;
    const blockOf = (/** @type {number} */ cell) => (close ? blockAt(close, cell) : picture.firstBlock + cell * picture.blocksPerCell);
    const changed = changedCells(before.cells, cells);
    this.tokens = movesBetween(before.lists, picture.lists, picture.orders)
      .flatMap((move) => this.#tokensOf(move, changed.length > 0 ? blockOf(changed[0]) : -1));
    this.fading = changed.filter((cell) => CELL.type(before.cells[cell]) !== CELL.type(cells[cell])).slice(0, MOST_BLOCKS)
      .flatMap((cell) => {
        const box = this.where.block(blockOf(cell));
        return box ? [{ box, type: CELL.type(before.cells[cell]) }] : [];
      });
    if (this.tokens.length + this.fading.length === 0) return;
    this.since = performance.now();
    this.#ask();
  }

  /** The pages of a block come in frames of their own. */
  #drawPages() {
    const { chunks: before } = this;
    const pages = this.where.pages();
    this.chunks = pages?.chunks ?? null;
    if (!pages || !before || before === pages.chunks || !sameSpan(before, pages.chunks)) return;
    this.reshaped = reshapedBetween(before, pages.chunks)
      .map(({ from, to }) => ({ from: pages.boxOf(from.pfn, from.pages), to: pages.boxOf(to.pfn, to.pages) }));
    if (this.reshaped.length === 0) return;
    this.pagesSince = performance.now();
    this.#ask();
  }

  /** Slow enough, in sight, and wanted. */
  #followed() {
    const state = this.lab.state.value;
    const slow = !this.lab.running.value || state?.demonstration != null || (state?.run.rate ?? Infinity) <= FOLLOWED_RATE;
    return slow && !this.still.matches && !document.hidden;
  }

  /**
   * @param {Move} move
   * @param {number} atHand the block that changed, or -1
   * @returns {Token[]}
   */
  #tokensOf({ from, to, block }, atHand) {
    const listed = (/** @type {List} */ list) => ({ type: list.type, place: this.where.list(list.type, list.order) });
    const box = block ? this.where.block(atHand) : null;
    const there = box ? { x: box.left + box.width / 2, y: box.top + box.height / 2 } : null;
    const sources = from.map(listed);
    const targets = to.map(listed);
    // The part that belongs to no list is on the block, with the type of the list it goes to or comes from.
    if (there && sources.length <= 1 && targets.length !== 1) targets.push({ type: sources[0]?.type ?? 0, place: there });
    else if (there && targets.length === 1) sources.push({ type: targets[0].type, place: there });
    return sources.flatMap((source) => targets.flatMap((target) => (source.place && target.place
      ? [{ from: source.place, to: target.place, first: source.type, last: target.type }] : [])));
  }

  #ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame((now) => this.#step(now));
  }

  /** @param {number} now */
  #step(now) {
    this.asked = false;
    const { canvas, palette } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(innerWidth * ratio);
    const height = Math.round(innerHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, innerWidth, innerHeight);
    const eased = easedShare(now - this.since);
    const easedPages = easedShare(now - this.pagesSince);
    if ((eased === 1 && easedPages === 1) || !palette) return;
    for (const { from, to } of easedPages < 1 ? this.reshaped : []) drawOutline(context, from, to, easedPages, palette);
    if (eased < 1) this.#drawZone(context, eased, palette);
    this.#ask();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} eased
   * @param {Palette} palette
   */
  #drawZone(context, eased, palette) {
    for (const { box, type } of this.fading) {
      context.globalAlpha = 1 - eased;
      context.fillStyle = palette.types[type];
      context.fillRect(box.left, box.top, box.width, box.height);
    }
    context.globalAlpha = 1;
    for (const token of this.tokens) drawToken(context, token, eased, palette);
  }
}

/** Fast first, then slow. @param {number} ms since it began */
function easedShare(ms) {
  return 1 - (1 - Math.min(1, Math.max(0, ms / LASTS_MS))) ** 3;
}

/**
 * @param {readonly Run[]} a
 * @param {readonly Run[]} b
 */
function sameSpan(a, b) {
  const end = (/** @type {readonly Run[]} */ runs) => runs[runs.length - 1].pfn + runs[runs.length - 1].pages;
  return a.length > 0 && b.length > 0 && a[0].pfn === b[0].pfn && end(a) === end(b);
}

/**
 * The outline of what was on its way to the outline of what is.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} from
 * @param {Box} to
 * @param {number} share of the way
 * @param {Palette} palette
 */
function drawOutline(context, from, to, share, palette) {
  const at = (/** @type {keyof Box} */ edge) => from[edge] + (to[edge] - from[edge]) * share;
  for (const [width, colour] of /** @type {[number, string][]} */ ([[5, palette.ground], [2, palette.accent]])) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(at('left') + 2, at('top') + 2, at('width') - 4, at('height') - 4);
  }
}

/**
 * A square with the letter of its list's type, and the way it has come.
 * @param {CanvasRenderingContext2D} context
 * @param {Token} token
 * @param {number} share of the way
 * @param {Palette} palette
 */
function drawToken(context, { from, to, first, last }, share, palette) {
  const x = from.x + (to.x - from.x) * share;
  const y = from.y + (to.y - from.y) * share;
  const type = share < 0.5 ? first : last;
  context.strokeStyle = palette.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(x, y);
  context.stroke();
  context.fillStyle = palette.types[type];
  context.strokeStyle = palette.ground;
  context.lineWidth = 2;
  context.strokeRect(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE);
  context.fillRect(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE);
  context.fillStyle = palette.letters[type];
  context.font = `600 12px ${palette.sans}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(TYPES[type].letter, x, y + 1);
}

/**
 * @param {Uint32Array} before
 * @param {Uint32Array} after
 */
function changedCells(before, after) {
  /** @type {number[]} */
  const changed = [];
  for (let cell = 0; cell < after.length; cell++) if (before[cell] !== after[cell]) changed.push(cell);
  return changed;
}
