// The pageblock map: a canvas that shares the axes of a transparent Plotly plot. Plotly zooms and pans;
// which block lies under the pointer is computed here, from the pointer and the axes alone. Where several share a
// cell of the zone's picture, a part that is near enough is asked for block by block.

import { byId, isTyping, setText } from '../draw/dom.js';
import { axesOf, MARGIN, windowOf } from '../draw/mapaxes.js';
import { closeWish } from '../draw/closeup.js';
import { cellAt, cellBox, cellPixels, cellsInBox, gridFor, held, isIn, PICKABLE_PX, pinched, showing, wholeWindow, zoomed } from '../draw/geometry.js';
import { MapCanvas } from '../draw/mapcanvas.js';
import { showKey, typesIn } from '../draw/mapkey.js';
import { grainWords, mapHint } from '../draw/mapwords.js';
import { CLICK_PX, Presses } from '../draw/press.js';
import { middleOf, sightIn, windowOn } from '../draw/sight.js';
import { watchTouches } from '../draw/touches.js';
import { covers, MOST_CELLS, oneRun } from '../state/close.js';
import { cellWords } from '../state/vocabulary.js';
import { count, extend, only, several, toggle } from '../state/selection.js';

/**
 * @typedef {import('../draw/geometry.js').Grid} Grid
 * @typedef {import('../draw/geometry.js').Rect} Rect
 * @typedef {import('../draw/geometry.js').Window} Window
 * @typedef {import('../closewatch.js').CloseWatch} CloseWatch
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 */

/** Two clicks on one cell within so long are a double click; a finger's are told by this alone. */
const DOUBLE_MS = 400;
/** A cell that spans so much of the map has no more to show: zooming in further leads to its pages. */
const SPANS = 0.5;
const NOBODY = -1;

export class MapView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {CloseWatch} closer
   * @param {() => void} redraw asks for a frame
   */
  constructor(lab, ui, closer, redraw) {
    this.lab = lab;
    this.ui = ui;
    this.closer = closer;
    this.redraw = redraw;
    this.element = byId('map', HTMLDivElement);
    this.plot = byId('map-plot', HTMLDivElement);
    this.readout = byId('map-readout', HTMLElement);
    this.key = byId('map-key', HTMLUListElement);
    this.grainNote = byId('map-grain', HTMLElement);
    this.byFinger = matchMedia('(pointer: coarse)');
    this.empty = byId('map-empty', HTMLElement);
    this.canvas = new MapCanvas(byId('map-canvas', HTMLCanvasElement));
    this.presses = new Presses(this.element, (at, event) => this.#click(at, event), (from, to) => this.#boxed(from, to), (at) => this.#add(at));
    /** A cell of it is a block. @type {Grid} */
    this.grid = { columns: 1, rows: 1, cells: 0, first: 0 };
    /** What of the zone is near enough to be shown block by block. @type {import('../state/close.js').Wish|null} */
    this.near = null;
    /** @type {Window} */
    this.window = { x0: 0, x1: 1, y0: 0, y1: 1 };
    /** @type {Rect} */
    this.rect = { left: 0, top: 0, width: 0, height: 0 };
    /** @type {Palette|null} */
    this.palette = null;
    /** Blocks that the list on show, or pages on their way, lie in. @type {ReadonlySet<number>} */
    this.marked = new Set();
    this.hover = NOBODY;
    /** Where a click could not pick: its reason stays until the pointer goes elsewhere. @type {{x: number, y: number}|null} */
    this.refusedAt = null;
    /** The last click, should it become a double one. */
    this.clicked = { block: NOBODY, at: -Infinity, press: 0 };
    this.boxTool = false;
    this.plotted = false;
    /** Types met so far in this zone, as bits. */
    this.met = 0;
    this.shared = 1;
    for (const another of [lab.number, lab.slot]) another.watch(() => { this.met = 0; });
    this.#listen();
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
    showKey(this.key, this.met, palette);
    this.#layout();
  }

  /** Once a frame. */
  draw() {
    const { picture } = this.lab;
    if (!picture || !this.palette) return;
    this.empty.hidden = true;
    if (this.ui.inside.value >= 0) return;
    if (this.lab.blocks !== this.grid.cells || this.lab.first !== this.grid.first || this.#perCell !== this.shared) this.#regrid();
    if (this.rect.width <= 0) return;
    const byKeys = document.activeElement === this.plot && !('pointer' in this.plot.dataset);
    const { close } = this.lab;
    this.canvas.draw({
      picture, close, covered: close !== null && this.near !== null && covers(close, this.near.need),
      grid: this.grid, window: this.window, rect: this.rect, palette: this.palette,
      selection: this.ui.selection.value, hover: this.hover, focus: byKeys ? this.ui.selection.value.focus : NOBODY, lit: this.marked,
    }, this.lab.dirty.take(), this.lab.closeDirty.take());
    this.#read();
    const met = this.met | typesIn(picture.cells) | (close ? typesIn(close.cells) : 0);
    if (met === this.met) return;
    this.met = met;
    showKey(this.key, met, this.palette);
  }

  /**
   * Where a block stands in the window, or the cell that it shares; null where that is out of sight.
   * @param {number} block
   */
  boxOf(block) {
    const known = this.ui.inside.value >= 0 ? null : this.lab.known(block);
    const box = known && cellBox(known.first, this.rect, this.window, this.grid);
    if (!known || !box) return null;
    const at = this.element.getBoundingClientRect();
    return { ...box, width: box.width * (known.last - known.first + 1), left: at.left + box.left, top: at.top + box.top };
  }

  /** The panel has another size. */
  resize() {
    const width = this.element.clientWidth - MARGIN.l - MARGIN.r;
    const height = this.element.clientHeight - MARGIN.t - MARGIN.b;
    if (width <= 0 || height <= 0 || (width === this.rect.width && height === this.rect.height)) return;
    this.rect = { left: MARGIN.l, top: MARGIN.t, width, height };
    if (this.grid.cells > 0) this.#regrid();
    else this.#layout();
  }

  /** Blocks that share a cell of the zone's picture. */
  get #perCell() {
    return this.lab.picture?.blocksPerCell ?? 1;
  }

  #regrid() {
    const before = this.grid;
    this.shared = this.#perCell;
    this.grid = gridFor(this.lab.blocks, this.rect.width || 1, this.rect.height || 1, this.shared, this.lab.first);
    const same = before.cells === this.grid.cells && before.columns === this.grid.columns && before.first === this.grid.first;
    const linked = before.cells === 0 ? this.ui.sight.value : null;
    this.#show(same ? held(this.window, this.grid) : linked ? windowOn(linked, this.grid) : wholeWindow(this.grid));
  }

  /** @param {Window} window */
  #show(window) {
    this.window = window;
    this.#layout();
    this.#look();
    this.ui.sight.set(sightIn(window, this.grid));
    this.redraw();
  }

  /** Near enough, blocks that share a cell are asked for one by one. */
  #look() {
    this.near = this.shared > 1 ? closeWish(this.window, this.grid, MOST_CELLS) : null;
    this.closer.want('map', this.near);
    const grain = this.near ? 1 : this.shared;
    this.ui.grain.set(grain);
    setText(this.grainNote, grain > 1 ? grainWords(grain) : '');
  }

  /** Axes in blocks: y is the first block of a row, so the ticks name blocks. */
  #layout() {
    if (!this.palette || this.rect.width <= 0 || this.grid.cells === 0) return;
    const { clientWidth: width, clientHeight: height } = this.element;
    const layout = axesOf({ grid: this.grid, window: this.window, width, height, palette: this.palette });
    const config = /** @type {any} */ ({ displayModeBar: false, scrollZoom: this.#isWide(), doubleClick: false, responsive: false });
    if (this.plotted) {
      Plotly.react(this.plot, [], layout, config);
      return;
    }
    Plotly.newPlot(this.plot, [], layout, config);
    this.plotted = true;
    const graph = /** @type {any} */ (this.plot);
    graph.on('plotly_relayouting', () => this.#follow(false));
    graph.on('plotly_relayout', () => this.#follow(true));
  }

  /** A page that scrolls keeps the wheel for scrolling. */
  #isWide() {
    return matchMedia('(min-width: 1200px)').matches;
  }

  /**
   * Plotly moved its axes: the canvas goes with them.
   * @param {boolean} settled the gesture is over: ticks may change
   */
  #follow(settled) {
    const window = windowOf(/** @type {any} */ (this.plot)._fullLayout, this.grid);
    const same = Object.entries(window).every(([edge, at]) => Math.abs(at - this.window[/** @type {keyof Window} */ (edge)]) < 1e-6);
    if (same) return;
    if (settled) this.#show(held(window, this.grid));
    else {
      this.window = window;
      this.#look();
      this.redraw();
    }
  }

  #listen() {
    new ResizeObserver(() => this.resize()).observe(this.element);
    this.element.addEventListener('pointerdown', (event) => this.#press(event), true);
    this.element.addEventListener('pointermove', (event) => this.#point(event));
    this.element.addEventListener('pointerleave', () => this.#pointAt(NOBODY));
    watchTouches(this.plot, {
      // A page that scrolls keeps the single finger for scrolling.
      oneMoves: () => this.#isWide(), boxes: () => this.boxTool, begins: () => this.presses.cancel(),
      moves: (from, to) => this.#show(pinched(this.window, this.grid, this.rect, from, to)),
    });
    this.plot.addEventListener('wheel', (event) => this.#roll(event), { capture: true });
    this.plot.addEventListener('keydown', (event) => this.#key_(event));
    this.plot.addEventListener('focus', () => this.#focusGained());
    this.plot.addEventListener('blur', () => this.redraw());
    byId('zoom-in', HTMLButtonElement).addEventListener('click', () => this.#zoom(0.5));
    byId('zoom-out', HTMLButtonElement).addEventListener('click', () => this.#zoom(2));
    byId('zoom-all', HTMLButtonElement).addEventListener('click', () => this.#show(wholeWindow(this.grid)));
    const tool = byId('select-tool', HTMLButtonElement);
    tool.addEventListener('click', () => {
      this.boxTool = !this.boxTool;
      tool.setAttribute('aria-pressed', String(this.boxTool));
    });
    this.ui.selection.watch(() => this.redraw());
    let was = NOBODY;
    this.ui.inside.watch((inside) => {
      if (inside < 0 && isIn(was, this.grid)) this.#show(showing(this.window, was, this.grid));
      was = inside;
      // Two clicks with a way in or out between them are no double click.
      this.clicked.at = -Infinity;
      this.closer.want('pages', inside >= 0 && this.shared > 1 ? oneRun(inside, 1) : null);
      this.hover = NOBODY;
      this.redraw();
    });
    for (const source of [this.ui.lit, this.lab.transit]) {
      source.watch(() => {
        this.marked = new Set([...this.ui.lit.value, ...this.lab.unsettled]);
        this.redraw();
      });
    }
  }

  /** @param {number} factor */
  #zoom(factor) {
    if (this.ui.inside.value >= 0) return;
    const { focus } = this.ui.selection.value;
    if (factor < 1 && this.#spans() && this.#enter(focus >= 0 ? focus : this.#middle())) return;
    this.#show(zoomed(this.window, factor, this.grid, factor < 1 && focus >= 0 ? middleOf(focus, this.grid) : undefined));
  }

  /** Whether a block is as large as it need be. */
  #spans() {
    const { window } = this;
    return Math.max(1 / (window.x1 - window.x0), 1 / (window.y1 - window.y0)) >= SPANS;
  }

  #middle() {
    const { left, top, width, height } = this.rect;
    return cellAt(left + width / 2, top + height / 2, this.rect, this.window, this.grid);
  }

  /** To the pages of a block. @param {number} block @returns {boolean} whether there are any */
  #enter(block) {
    if (!isIn(block, this.grid)) return false;
    this.ui.enter(block);
    return true;
  }

  /** @param {WheelEvent} event */
  #roll(event) {
    if (event.deltaY >= 0 || !this.#isWide() || !this.#spans()) return;
    const at = this.presses.place(event);
    if (!this.#enter(cellAt(at.x, at.y, this.rect, this.window, this.grid))) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0 || this.grid.cells === 0 || this.ui.inside.value >= 0) return;
    // The pointer shows where it is; only the keyboard needs a ring round the whole map.
    this.plot.dataset.pointer = '';
    this.plot.focus({ preventScroll: true });
    this.presses.follow(event, this.boxTool || event.shiftKey);
  }

  /**
   * @param {{x: number, y: number}} at
   * @param {PointerEvent} event
   */
  #click(at, event) {
    if (cellPixels(this.window, this.rect) < PICKABLE_PX) {
      this.refusedAt = at;
      this.redraw();
      return;
    }
    const block = cellAt(at.x, at.y, this.rect, this.window, this.grid);
    if (block < 0) return;
    const { selection } = this.ui;
    const range = this.#rangeOf(block);
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    const { count: press } = this.presses;
    const before = this.clicked;
    const twice = plain && before.block === block && before.press === press - 1 && event.timeStamp - before.at < DOUBLE_MS;
    this.clicked = { block, at: plain && !twice ? event.timeStamp : -Infinity, press };
    if (twice) this.#enter(block);
    else if (event.shiftKey) selection.set(extend(selection.value, range));
    else if (event.ctrlKey || event.metaKey) selection.set(toggle(selection.value, range));
    else selection.set(only(range));
  }

  /** A finger rests on a block: one more, or one less. @param {{x: number, y: number}} at */
  #add(at) {
    const block = cellPixels(this.window, this.rect) < PICKABLE_PX ? NOBODY : cellAt(at.x, at.y, this.rect, this.window, this.grid);
    if (block >= 0) this.ui.selection.set(toggle(this.ui.selection.value, this.#rangeOf(block)));
  }

  /**
   * @param {{x: number, y: number}} from
   * @param {{x: number, y: number}} to
   */
  #boxed(from, to) {
    const runs = cellsInBox(from, to, this.rect, this.window, this.grid);
    if (runs.length === 0) return;
    const ranges = runs.map(([first, last]) => /** @type {[number, number]} */ ([this.#rangeOf(first)[0], this.#rangeOf(last)[1]]));
    this.ui.selection.set(several(ranges, ranges[0][0]));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (this.ui.inside.value >= 0) return;
    const at = this.presses.place(event);
    if (this.refusedAt && Math.hypot(at.x - this.refusedAt.x, at.y - this.refusedAt.y) > 4 * CLICK_PX) this.refusedAt = null;
    this.#pointAt(cellAt(at.x, at.y, this.rect, this.window, this.grid));
  }

  /** @param {number} block */
  #pointAt(block) {
    if (block === this.hover) return;
    this.hover = block;
    this.redraw();
  }

  #focusGained() {
    const byPointer = 'pointer' in this.plot.dataset;
    if (this.ui.selection.value.focus < 0 && this.lab.picture && !byPointer && this.plot.matches(':focus-visible')) {
      const { first } = this.grid;
      this.ui.selection.set({ ...this.ui.selection.value, focus: first, anchor: first });
    }
    this.redraw();
  }

  /** @param {KeyboardEvent} event */
  #key_(event) {
    if (isTyping(event.target) || event.altKey || this.grid.cells === 0) return;
    delete this.plot.dataset.pointer;
    this.refusedAt = null;
    const { selection } = this.ui;
    const { columns } = this.grid;
    const begin = this.grid.first;
    const end = begin + this.grid.cells;
    const here = isIn(selection.value.focus, this.grid) ? selection.value.focus : begin;
    const [first, last] = this.#rangeOf(here);
    const steps = /** @type {Record<string, number>} */ ({
      ArrowLeft: first - 1, ArrowRight: last + 1, ArrowUp: here - columns, ArrowDown: here + columns, Home: begin, End: end - 1,
    });
    const target = steps[event.key];
    if (target !== undefined) {
      const range = this.#rangeOf(isIn(target, this.grid) ? target : here);
      if (event.shiftKey) selection.set(extend(selection.value, range));
      else selection.set(only(range));
      const seen = showing(this.window, range[0], this.grid);
      if (seen !== this.window) this.#show(seen);
    } else if (event.key === 'Enter') {
      // Once more on what is selected alone leads into it.
      if (count(selection.value) === last - first + 1 && selection.value.ranges[0][0] === first) this.#enter(first);
      else selection.set(only([first, last]));
    } else if (event.key === ' ') selection.set(toggle(selection.value, [first, last]));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What is picked with a block: all that share its cell, unless the map is near enough to show it alone. @param {number} block */
  #rangeOf(block) {
    return this.near ? /** @type {[number, number]} */ ([block, block]) : this.lab.sharing(block);
  }

  /** One line says what is under the pointer, or under the focus: the canvas's text for everybody. */
  #read() {
    const known = this.lab.known(this.hover >= 0 ? this.hover : this.ui.selection.value.focus);
    const small = cellPixels(this.window, this.rect) < PICKABLE_PX;
    const refused = small && this.refusedAt !== null;
    if (refused || !known) {
      setText(this.readout, mapHint(small, refused, this.byFinger.matches, this.ui.grain.value));
      return;
    }
    const { cell, first, last } = known;
    setText(this.readout, `${first === last ? `Block ${first}` : `Blocks ${first}–${last}`} · ${cellWords(cell)}`);
    if (this.hover < 0) this.plot.setAttribute('aria-description', this.readout.textContent ?? '');
  }
}
