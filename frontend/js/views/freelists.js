// Free lists: how long each is, by order and type; and beside the bar, what nr_free says.

import { Chart } from '../draw/chart.js';
import { byId, make, setText, setTip } from '../draw/dom.js';
import { asProc, grouped, PAGES_PER_MIB, quantity } from '../draw/format.js';
import { BAR_SHARE, listBars, sumsOf } from '../draw/listbars.js';
import { steadyRange } from '../draw/ranges.js';
import { keepStop, roving } from '../draw/roving.js';
import { TYPES } from '../state/vocabulary.js';
import { prefer, prefs } from '../state/prefs.js';

/**
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../draw/listbars.js').Sums} Sums
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../state/picture.js').Picture} Picture
 */

export class FreeListsView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {() => void} redraw
   */
  constructor(lab, ui, redraw) {
    this.lab = lab;
    this.ui = ui;
    this.chart = byId('lists-chart', HTMLDivElement);
    this.table = byId('lists-table', HTMLDivElement);
    roving(this.table, 'td button', { across: () => this.cells[0]?.length ?? 1 });
    this.note = byId('lists-note', HTMLElement);
    /** @type {[number, number]|null} */
    this.range = null;
    /** @type {Palette|null} */
    this.palette = null;
    /** @type {HTMLElement[][]} cells of the table by type, then order; the last row is nr_free */
    this.cells = [];
    const unit = byId('lists-unit', HTMLButtonElement);
    const shape = byId('lists-shape', HTMLButtonElement);
    const scale = byId('lists-scale', HTMLButtonElement);
    unit.addEventListener('click', () => prefer({ count: this.#inPages ? 'chunks' : 'pages' }));
    shape.addEventListener('click', () => prefer({ lists: this.#asNumbers ? 'bars' : 'numbers' }));
    scale.addEventListener('click', () => prefer({ scale: prefs.value.scale === 'log' ? 'linear' : 'log' }));
    prefs.watch((chosen) => {
      setText(unit, this.#inPages ? 'Chunks' : chosen.unit === 'MiB' ? 'MiB' : 'Pages');
      setText(shape, this.#asNumbers ? 'Bars' : 'Numbers');
      setText(scale, chosen.scale === 'log' ? 'Linear' : 'Log');
      scale.hidden = this.#asNumbers;
      this.chart.hidden = this.#asNumbers;
      this.table.hidden = !this.#asNumbers;
      this.range = null;
      redraw();
    });
    lab.slot.watch(() => { this.range = null; });
    this.chart.addEventListener('pointermove', (event) => this.#point(event));
    this.chart.addEventListener('pointerleave', () => ui.peek.set(null));
    this.chart.addEventListener('click', (event) => {
      const list = this.#listAt(event);
      if (list) this.#open(...list);
    });
    this.bars = new Chart(this.chart);
  }

  get #inPages() {
    return prefs.value.count === 'pages';
  }

  get #asNumbers() {
    return prefs.value.lists === 'numbers';
  }

  get #inMiB() {
    return this.#inPages && prefs.value.unit === 'MiB';
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
  }

  /** A few times a second. */
  draw() {
    const { picture } = this.lab;
    if (!picture || !this.palette) return;
    const sums = sumsOf(picture, (order) => this.#weight(order));
    const log = prefs.value.scale === 'log' && !sums.stored.some((n) => n < 0);
    const linear = prefs.value.scale === 'log' && !log ? '; linear, since a count is below zero' : '';
    setText(this.note, `${this.#inPages ? prefs.value.unit : 'chunks'} by order; bar: the lists, tick: nr_free${this.#asNumbers ? '' : linear}`);
    if (this.#asNumbers) this.#drawNumbers(picture);
    else this.#drawBars(picture, this.palette, sums, log);
  }

  /**
   * Where a list stands in the window: the top of its bar, or its cell in the table.
   * @param {number} type
   * @param {number} order
   * @returns {{x: number, y: number}|null}
   */
  placeOf(type, order) {
    const cell = this.#asNumbers ? this.cells[type]?.[order] : null;
    if (cell) {
      const at = cell.getBoundingClientRect();
      return { x: at.right - 12, y: at.top + at.height / 2 };
    }
    const { picture } = this.lab;
    const axes = /** @type {any} */ (this.chart)._fullLayout;
    if (!picture || !axes || this.#asNumbers) return null;
    const at = this.chart.getBoundingClientRect();
    let below = 0;
    for (let t = 0; t <= type; t++) below += picture.lists[t * picture.orders + order] * this.#weight(order);
    const y = axes.yaxis.d2p(Math.max(below, axes.yaxis.type === 'log' ? 10 ** axes.yaxis.range[0] : 0));
    return { x: at.left + axes.xaxis._offset + axes.xaxis.d2p(order), y: at.top + axes.yaxis._offset + Math.max(0, Math.min(axes.yaxis._length, y)) };
  }

  /** What a chunk of an order counts for. @param {number} order */
  #weight(order) {
    if (!this.#inPages) return 1;
    return 2 ** order / (this.#inMiB ? PAGES_PER_MIB : 1);
  }

  /** @param {number} value in what the chart counts */
  #say(value) {
    return this.#inMiB ? quantity(value * PAGES_PER_MIB, 'MiB') : grouped(value);
  }

  /**
   * @param {Picture} picture
   * @param {Palette} palette
   * @param {Sums} sums
   * @param {boolean} log
   */
  #drawBars(picture, palette, sums, log) {
    this.range = steadyRange(this.range, Math.min(0, ...sums.stored), Math.max(...sums.totals, ...sums.stored));
    const counting = { weight: (/** @type {number} */ order) => this.#weight(order), say: (/** @type {number} */ n) => this.#say(n), whole: !this.#inMiB };
    const { data, layout } = listBars(picture, palette, sums, counting, this.range, log,
      { width: this.chart.clientWidth, height: this.chart.clientHeight });
    this.bars.draw(data, layout);
  }

  /**
   * The list whose part of a bar lies there, by the axes alone; between bars, above them and below, none.
   * @param {MouseEvent} event
   * @returns {[number, string]|null}
   */
  #listAt(event) {
    const { picture } = this.lab;
    const axes = /** @type {any} */ (this.chart)._fullLayout;
    if (!picture || !axes) return null;
    const at = this.chart.getBoundingClientRect();
    const across = axes.xaxis.p2d(event.clientX - at.left - axes.xaxis._offset);
    const order = Math.round(across);
    if (Math.abs(across - order) > BAR_SHARE / 2 || order < 0 || order >= picture.orders) return null;
    const value = axes.yaxis.p2d(event.clientY - at.top - axes.yaxis._offset);
    let top = 0;
    const type = TYPES.findIndex((_, t) => {
      top += picture.lists[t * picture.orders + order] * this.#weight(order);
      return value >= 0 && value <= top;
    });
    return type < 0 ? null : [order, TYPES[type].name];
  }

  /** @param {Picture} picture */
  #drawNumbers(picture) {
    const { orders } = picture;
    if (this.cells.length === 0 || this.cells[0].length !== orders) this.#buildTable(orders);
    for (let o = 0; o < orders; o++) {
      let length = 0;
      for (let t = 0; t < TYPES.length; t++) {
        const n = picture.lists[t * orders + o];
        length += n;
        const cell = this.cells[t][o];
        if (setText(cell, this.#say(n * this.#weight(o)))) cell.parentElement?.toggleAttribute('data-zero', n === 0);
      }
      const stored = this.cells[TYPES.length][o];
      const off = picture.nrFree[o] !== length;
      setText(stored, `${off ? '≠ ' : ''}${this.#say(picture.nrFree[o] * this.#weight(o))}`);
      stored.classList.toggle('off', off);
      setTip(stored, asProc(picture.nrFree[o]));
    }
  }

  /** @param {number} orders */
  #buildTable(orders) {
    const order = Array.from({ length: orders }, (_, o) => o);
    this.cells = TYPES.map((type) => order.map((o) => make('button', {
      attributes: { type: 'button' }, test: `list-${type.name}-${o}`,
      on: {
        click: () => this.#open(o, type.name),
        pointerenter: () => this.#peekAt(o, type.name), pointerleave: () => this.ui.peek.set(null),
        focus: () => this.#peekAt(o, type.name), blur: () => this.ui.peek.set(null),
      },
    })));
    this.cells.push(order.map((o) => make('td', { test: `nr_free-${o}` })));
    const rows = TYPES.map((type, t) => make('tr', {}, make('th', { text: type.printed, attributes: { scope: 'row' } }), ...this.cells[t].map((cell) => make('td', { data: { zero: '' } }, cell))));
    rows.push(make('tr', { class: 'stored' }, make('th', { text: 'nr_free', attributes: { scope: 'row' } }), ...this.cells[TYPES.length]));
    const head = make('tr', {}, make('th', { text: 'order', attributes: { scope: 'col' } }), ...order.map((o) => make('th', { text: String(o), attributes: { scope: 'col' } })));
    const caption = make('caption', { class: 'unseen', text: 'Length of each free list by migratetype and order, and nr_free as stored' });
    this.table.replaceChildren(make('table', {}, caption, make('thead', {}, head), make('tbody', {}, ...rows)));
    keepStop(this.table, 'td button');
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const list = this.#listAt(event);
    const peek = this.ui.peek.value;
    if (!list) this.ui.peek.set(null);
    else if (peek?.order !== list[0] || peek.migratetype !== list[1]) this.#peekAt(...list);
  }

  /**
   * What is told stands under the panel, where it hides neither the map nor the bars.
   * @param {number} order
   * @param {string} migratetype
   */
  #peekAt(order, migratetype) {
    const at = (this.#asNumbers ? this.table : this.chart).getBoundingClientRect();
    this.ui.peek.set({ order, migratetype, pcp: false, x: at.left, y: at.bottom });
  }

  /**
   * @param {number} order
   * @param {string} migratetype
   */
  #open(order, migratetype) {
    this.ui.list.set({ order, migratetype, pcp: false });
    this.ui.drawer.set('list');
  }
}
