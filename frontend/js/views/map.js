// The pageblock map: a canvas that shares the axes of a transparent Plotly plot. Plotly zooms and pans;
// which cell lies under the pointer is computed here, from the pointer and the axes alone.

import { byId, isTyping, setText } from '../draw/dom.js';
import { axesOf, MARGIN, windowOf } from '../draw/mapaxes.js';
import { cellAt, cellBox, cellPixels, cellsInBox, gridFor, held, PICKABLE_PX, pinched, showing, wholeWindow, zoomed } from '../draw/geometry.js';
import { MapCanvas } from '../draw/mapcanvas.js';
import { showKey } from '../draw/mapkey.js';
import { mapHint } from '../draw/mapwords.js';
import { CLICK_PX, Presses } from '../draw/press.js';
import { watchTouches } from '../draw/touches.js';
import { CELL, cellWords } from '../state/vocabulary.js';
import { count, extend, only, several, toggle } from '../state/selection.js';

/**
 * @typedef {import('../draw/geometry.js').Grid} Grid
 * @typedef {import('../draw/geometry.js').Rect} Rect
 * @typedef {import('../draw/geometry.js').Window} Window
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
   * @param {() => void} redraw asks for a frame
   */
  constructor(lab, ui, redraw) {
    this.lab = lab;
    this.ui = ui;
    this.redraw = redraw;
    this.element = byId('map', HTMLDivElement);
    this.plot = byId('map-plot', HTMLDivElement);
    this.readout = byId('map-readout', HTMLElement);
    this.key = byId('map-key', HTMLUListElement);
    this.byFinger = matchMedia('(pointer: coarse)');
    this.empty = byId('map-empty', HTMLElement);
    this.canvas = new MapCanvas(byId('map-canvas', HTMLCanvasElement));
    this.presses = new Presses(this.element, (at, event) => this.#click(at, event), (from, to) => this.#boxed(from, to), (at) => this.#add(at));
    /** @type {Grid} */
    this.grid = { columns: 1, rows: 1, cells: 0 };
    /** @type {Window} */
    this.window = { x0: 0, x1: 1, y0: 0, y1: 1 };
    /** @type {Rect} */
    this.rect = { left: 0, top: 0, width: 0, height: 0 };
    /** @type {Palette|null} */
    this.palette = null;
    this.hover = NOBODY;
    /** Where a click could not pick: its reason stays until the pointer goes elsewhere. @type {{x: number, y: number}|null} */
    this.refusedAt = null;
    /** The last click, should it become a double one. */
    this.clicked = { cell: NOBODY, at: -Infinity, press: 0 };
    this.boxTool = false;
    this.plotted = false;
    /** Types met so far in this zone, as bits. */
    this.met = 0;
    lab.number.watch(() => { this.met = 0; });
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
    if (picture.cells.length !== this.grid.cells) this.#regrid(picture.cells.length);
    if (this.rect.width <= 0) return;
    const byKeys = document.activeElement === this.plot && !('pointer' in this.plot.dataset);
    const focused = byKeys ? this.#cellOf(this.ui.selection.value.focus) : NOBODY;
    this.canvas.draw({
      picture, grid: this.grid, window: this.window, rect: this.rect, palette: this.palette,
      selection: this.ui.selection.value, hover: this.hover, focus: focused, lit: this.ui.lit.value,
    }, this.lab.dirty.take());
    this.#read();
    let met = this.met;
    for (const cell of picture.cells) met |= 1 << CELL.type(cell);
    if (met === this.met) return;
    this.met = met;
    showKey(this.key, met, this.palette);
  }

  /**
   * Where a cell stands in the window, or null where it is out of sight.
   * @param {number} cell
   */
  boxOf(cell) {
    const box = this.ui.inside.value >= 0 ? null : cellBox(cell, this.rect, this.window, this.grid);
    if (!box) return null;
    const at = this.element.getBoundingClientRect();
    return { ...box, left: at.left + box.left, top: at.top + box.top };
  }

  /** The panel has another size. */
  resize() {
    const width = this.element.clientWidth - MARGIN.l - MARGIN.r;
    const height = this.element.clientHeight - MARGIN.t - MARGIN.b;
    if (width <= 0 || height <= 0 || (width === this.rect.width && height === this.rect.height)) return;
    this.rect = { left: MARGIN.l, top: MARGIN.t, width, height };
    if (this.grid.cells > 0) this.#regrid(this.grid.cells);
    else this.#layout();
  }

  /** @param {number} cells */
  #regrid(cells) {
    const before = this.grid;
    this.grid = gridFor(cells, this.rect.width || 1, this.rect.height || 1);
    const same = before.cells === this.grid.cells && before.columns === this.grid.columns;
    const linked = before.cells === 0 ? this.ui.sight.value : null;
    this.#show(same ? held(this.window, this.grid) : linked ? this.#sightOf(linked) : wholeWindow(this.grid));
  }

  /** @param {import('../state/ui.js').Sight} sight @returns {Window} */
  #sightOf({ block, zoom }) {
    const cell = Math.min(this.grid.cells - 1, Math.max(0, this.#cellOf(block)));
    const middle = { x: (cell % this.grid.columns) + 0.5, y: Math.floor(cell / this.grid.columns) + 0.5 };
    return zoomed(wholeWindow(this.grid), 1 / zoom, this.grid, middle);
  }

  /** So that a link shows the same part on a window of another shape. */
  #tellSight() {
    const { columns, rows } = this.grid;
    const { x0, x1, y0, y1 } = this.window;
    const zoom = Math.max(columns / (x1 - x0), rows / (y1 - y0));
    const cell = Math.min(this.grid.cells - 1, Math.floor((y0 + y1) / 2) * columns + Math.floor((x0 + x1) / 2));
    this.ui.sight.set(zoom < 1.01 ? null : { block: this.#blocksOf(cell)[0], zoom: Math.round(zoom * 100) / 100 });
  }

  /** @param {Window} window */
  #show(window) {
    this.window = window;
    this.#layout();
    this.#tellSight();
    this.redraw();
  }

  /** Axes in blocks: y is the first block of a row, so the ticks name blocks. */
  #layout() {
    if (!this.palette || this.rect.width <= 0 || this.grid.cells === 0) return;
    const { clientWidth: width, clientHeight: height } = this.element;
    const layout = axesOf({ grid: this.grid, window: this.window, width, height, palette: this.palette }, this.#blocks());
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

  #blocks() {
    const { firstBlock = 0, blocksPerCell = 1 } = this.lab.picture ?? {};
    return { firstBlock, blocksPerCell };
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
    const window = windowOf(/** @type {any} */ (this.plot)._fullLayout, this.grid, this.#blocks());
    const same = Object.entries(window).every(([edge, at]) => Math.abs(at - this.window[/** @type {keyof Window} */ (edge)]) < 1e-6);
    if (same) return;
    if (settled) this.#show(held(window, this.grid));
    else {
      this.window = window;
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
      const cell = this.#cellOf(was);
      if (inside < 0 && cell >= 0 && cell < this.grid.cells) this.#show(showing(this.window, cell, this.grid));
      was = inside;
      this.hover = NOBODY;
      this.redraw();
    });
    this.ui.lit.watch(() => this.redraw());
  }

  /** @param {number} factor */
  #zoom(factor) {
    if (this.ui.inside.value >= 0) return;
    const focus = this.#cellOf(this.ui.selection.value.focus);
    if (factor < 1 && this.#spans() && this.#enter(focus >= 0 ? focus : this.#middle())) return;
    const middle = focus < 0 ? undefined
      : { x: (focus % this.grid.columns) + 0.5, y: Math.floor(focus / this.grid.columns) + 0.5 };
    this.#show(zoomed(this.window, factor, this.grid, factor < 1 ? middle : undefined));
  }

  /** Whether a cell is as large as it need be. */
  #spans() {
    const { window } = this;
    return Math.max(1 / (window.x1 - window.x0), 1 / (window.y1 - window.y0)) >= SPANS;
  }

  #middle() {
    const { left, top, width, height } = this.rect;
    return cellAt(left + width / 2, top + height / 2, this.rect, this.window, this.grid);
  }

  /** To the pages of a cell's first block. @param {number} cell @returns {boolean} whether there are any */
  #enter(cell) {
    if (cell < 0 || cell >= this.grid.cells) return false;
    this.ui.enter(this.#blocksOf(cell)[0]);
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
    const cell = cellAt(at.x, at.y, this.rect, this.window, this.grid);
    if (cell < 0) return;
    const { selection } = this.ui;
    const range = this.#blocksOf(cell);
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    const { count: press } = this.presses;
    const before = this.clicked;
    const twice = plain && before.cell === cell && before.press === press - 1 && event.timeStamp - before.at < DOUBLE_MS;
    this.clicked = { cell, at: plain && !twice ? event.timeStamp : -Infinity, press };
    if (twice) this.#enter(cell);
    else if (event.shiftKey) selection.set(extend(selection.value, range));
    else if (event.ctrlKey || event.metaKey) selection.set(toggle(selection.value, range));
    else selection.set(only(range));
  }

  /** A finger rests on a cell: one more, or one less. @param {{x: number, y: number}} at */
  #add(at) {
    const cell = cellPixels(this.window, this.rect) < PICKABLE_PX ? NOBODY : cellAt(at.x, at.y, this.rect, this.window, this.grid);
    if (cell >= 0) this.ui.selection.set(toggle(this.ui.selection.value, this.#blocksOf(cell)));
  }

  /**
   * @param {{x: number, y: number}} from
   * @param {{x: number, y: number}} to
   */
  #boxed(from, to) {
    const runs = cellsInBox(from, to, this.rect, this.window, this.grid);
    if (runs.length === 0) return;
    const ranges = runs.map(([first, last]) => /** @type {[number, number]} */ ([this.#blocksOf(first)[0], this.#blocksOf(last)[1]]));
    this.ui.selection.set(several(ranges, ranges[0][0]));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    if (this.ui.inside.value >= 0) return;
    const at = this.presses.place(event);
    if (this.refusedAt && Math.hypot(at.x - this.refusedAt.x, at.y - this.refusedAt.y) > 4 * CLICK_PX) this.refusedAt = null;
    this.#pointAt(cellAt(at.x, at.y, this.rect, this.window, this.grid));
  }

  /** @param {number} cell */
  #pointAt(cell) {
    if (cell === this.hover) return;
    this.hover = cell;
    this.redraw();
  }

  #focusGained() {
    const byPointer = 'pointer' in this.plot.dataset;
    if (this.ui.selection.value.focus < 0 && this.lab.picture && !byPointer && this.plot.matches(':focus-visible')) {
      this.ui.selection.set({ ...this.ui.selection.value, focus: this.#blocksOf(0)[0], anchor: this.#blocksOf(0)[0] });
    }
    this.redraw();
  }

  /** @param {KeyboardEvent} event */
  #key_(event) {
    if (isTyping(event.target) || event.altKey || this.grid.cells === 0) return;
    delete this.plot.dataset.pointer;
    this.refusedAt = null;
    const { selection } = this.ui;
    const here = Math.max(0, this.#cellOf(selection.value.focus));
    const { columns, cells } = this.grid;
    const steps = /** @type {Record<string, number>} */ ({
      ArrowLeft: here - 1, ArrowRight: here + 1, ArrowUp: here - columns, ArrowDown: here + columns,
      Home: 0, End: cells - 1,
    });
    const target = steps[event.key];
    if (target !== undefined) {
      const cell = Math.min(cells - 1, Math.max(0, target));
      const range = this.#blocksOf(target < 0 || target >= cells ? here : cell);
      if (event.shiftKey) selection.set(extend(selection.value, range));
      else selection.set(only(range));
      const seen = showing(this.window, this.#cellOf(range[0]), this.grid);
      if (seen !== this.window) this.#show(seen);
    } else if (event.key === 'Enter') {
      // Once more on what is selected alone leads into it.
      const range = this.#blocksOf(here);
      if (count(selection.value) === range[1] - range[0] + 1 && selection.value.ranges[0][0] === range[0]) this.#enter(here);
      else selection.set(only(range));
    } else if (event.key === ' ') selection.set(toggle(selection.value, this.#blocksOf(here)));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} cell @returns {[number, number]} */
  #blocksOf(cell) {
    const { firstBlock, blocksPerCell } = this.#blocks();
    const first = firstBlock + cell * blocksPerCell;
    const all = this.lab.state.value?.zone.nr_pageblocks ?? Infinity;
    return [first, Math.min(all, first + blocksPerCell) - 1];
  }

  /** @param {number} block @returns {number} */
  #cellOf(block) {
    const { firstBlock, blocksPerCell } = this.#blocks();
    return block < 0 ? NOBODY : Math.floor((block - firstBlock) / blocksPerCell);
  }

  /** One line says what is under the pointer, or under the focus: the canvas's text for everybody. */
  #read() {
    const { picture } = this.lab;
    const cell = this.hover >= 0 ? this.hover : this.#cellOf(this.ui.selection.value.focus);
    const small = cellPixels(this.window, this.rect) < PICKABLE_PX;
    const refused = small && this.refusedAt !== null;
    if (refused || !picture || cell < 0 || cell >= picture.cells.length) {
      setText(this.readout, mapHint(small, refused, this.byFinger.matches));
      return;
    }
    const [first, last] = this.#blocksOf(cell);
    const name = first === last ? `Block ${first}` : `Blocks ${first}–${last}`;
    setText(this.readout, `${name} · ${cellWords(picture.cells[cell])}`);
    if (this.hover < 0) this.plot.setAttribute('aria-description', this.readout.textContent ?? '');
  }
}
