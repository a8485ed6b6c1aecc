// Free lists: how long each is, by order and type; and beside the bar, what nr_free says.

import { byId, make, setText } from '../draw/dom.js';
import { grouped, PAGES_PER_MIB, quantity } from '../draw/format.js';
import { HATCHES } from '../draw/marks.js';
import { roundUp, steadyRange } from '../draw/ranges.js';
import { ISOLATE, TYPES } from '../state/vocabulary.js';
import { prefs } from '../state/prefs.js';

/**
 * @typedef {import('../draw/palette.js').Palette} Palette
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
    this.note = byId('lists-note', HTMLElement);
    this.inPages = false;
    this.asNumbers = false;
    /** @type {[number, number]|null} */
    this.range = null;
    /** @type {Palette|null} */
    this.palette = null;
    this.plotted = false;
    /** @type {HTMLElement[][]} cells of the table by type, then order; the last row is nr_free */
    this.cells = [];
    this.redraw = redraw;
    const unit = byId('lists-unit', HTMLButtonElement);
    unit.addEventListener('click', () => {
      this.inPages = !this.inPages;
      relabel();
    });
    const relabel = () => {
      setText(unit, this.inPages ? 'Chunks' : prefs.value.unit === 'MiB' ? 'MiB' : 'Pages');
      this.range = null;
      redraw();
    };
    prefs.watch(relabel);
    const shape = byId('lists-shape', HTMLButtonElement);
    shape.addEventListener('click', () => {
      this.asNumbers = !this.asNumbers;
      setText(shape, this.asNumbers ? 'Bars' : 'Numbers');
      this.chart.hidden = this.asNumbers;
      this.table.hidden = !this.asNumbers;
      redraw();
    });
    new ResizeObserver(() => this.plotted && !this.asNumbers && Plotly.Plots.resize(this.chart)).observe(this.chart);
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
  }

  /** A few times a second. */
  draw() {
    const { picture } = this.lab;
    if (!picture || !this.palette) return;
    setText(this.note, `${this.inPages ? prefs.value.unit : 'chunks'} by order; bar: the lists, tick: nr_free`);
    if (this.asNumbers) this.#drawNumbers(picture);
    else this.#drawBars(picture, this.palette);
  }

  /**
   * Between two ticks: chunks and pages come whole.
   * @param {number} span
   * @param {Palette} palette
   */
  #tick(span, palette) {
    const step = roundUp(span / Math.max(2, this.chart.clientHeight / (palette.small * 4)));
    return this.inPages && prefs.value.unit === 'MiB' ? step : Math.max(1, Math.ceil(step));
  }

  /** What a chunk of an order counts for. @param {number} order */
  #weight(order) {
    if (!this.inPages) return 1;
    return 2 ** order / (prefs.value.unit === 'MiB' ? PAGES_PER_MIB : 1);
  }

  /** @param {number} value in what the chart counts */
  #say(value) {
    return this.inPages && prefs.value.unit === 'MiB' ? quantity(value * PAGES_PER_MIB, 'MiB') : grouped(value);
  }

  /**
   * @param {Picture} picture
   * @param {Palette} palette
   */
  #drawBars(picture, palette) {
    const { orders } = picture;
    const weight = (/** @type {number} */ order) => this.#weight(order);
    const order = Array.from({ length: orders }, (_, o) => o);
    const totals = order.map((o) => TYPES.reduce((sum, _, t) => sum + picture.lists[t * orders + o], 0) * weight(o));
    const stored = order.map((o) => picture.nrFree[o] * weight(o));
    this.range = steadyRange(this.range, Math.min(0, ...stored), Math.max(...totals, ...stored));
    const span = this.range[1] - this.range[0];
    /** @type {any[]} */
    const data = TYPES.map((type, t) => ({
      type: 'bar', name: type.printed, x: order, y: order.map((o) => picture.lists[t * orders + o] * weight(o)),
      marker: {
        color: palette.types[t], line: { width: 0 },
        pattern: { shape: HATCHES[t], fgcolor: t === ISOLATE ? palette.hatchIsolate : palette.hatch, fillmode: 'overlay', size: 7, solidity: 0.25 },
      },
      hovertemplate: `order %{x} ${type.printed}: %{y:,}<extra></extra>`,
    }));
    const off = order.map((o) => stored[o] !== totals[o]);
    data.push({
      type: 'scatter', mode: 'markers', name: 'nr_free', x: order, y: stored,
      marker: { symbol: 'line-ew', size: 22, line: { width: 2, color: palette.ink } },
      hovertemplate: 'order %{x} nr_free: %{y:,}<extra></extra>', cliponaxis: false,
    }, {
      // A small unseen marker keeps the words just clear of the tick; in two lines they are no wider than a bar's place.
      type: 'scatter', mode: 'markers+text', name: 'labels', x: order, marker: { size: 8, opacity: 0 }, hoverinfo: 'skip', cliponaxis: false,
      y: order.map((o) => (stored[o] < 0 ? stored[o] : Math.max(stored[o], totals[o]))),
      text: order.map((o) => (off[o] ? `${this.#say(stored[o])}<br>≠ ${this.#say(totals[o])}` : this.#say(totals[o]))),
      textposition: order.map((o) => (stored[o] < 0 ? 'bottom center' : 'top center')),
      // Plotly writes a <b> as an inline style, which the policy forbids: weight is set as a font.
      textfont: { color: order.map((o) => (off[o] ? palette.ink : palette.muted)), weight: order.map((o) => (off[o] ? 600 : 400)), size: palette.small },
    });
    const twoLines = (span * palette.small * 3) / Math.max(palette.small * 8, this.chart.clientHeight);
    const font = { family: palette.sans, size: palette.small, color: palette.muted };
    /** @type {any} */
    const layout = {
      barmode: 'stack', bargap: 0.35, showlegend: false, font, uirevision: 'lists', hovermode: 'closest', dragmode: false,
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      margin: { l: palette.small * 4.2, r: 8, t: palette.small * 1.6, b: palette.small * 1.8 },
      hoverlabel: { bgcolor: palette.ground, bordercolor: palette.muted, font: { ...font, color: palette.ink } },
      xaxis: { range: [-0.6, orders - 0.4], dtick: 1, fixedrange: true, zeroline: false, showgrid: false, ticks: '', tickprefix: '' },
      yaxis: {
        range: [this.range[0] - (this.range[0] < 0 ? twoLines : 0), this.range[1] + (off.includes(true) ? twoLines : 0)], fixedrange: true, tick0: 0, dtick: this.#tick(span, palette), zeroline: true,
        zerolinecolor: palette.muted, gridcolor: palette.line, tickformat: ',d', separatethousands: true, automargin: false,
      },
      separators: '.\u202f',
    };
    if (this.plotted) {
      Plotly.react(this.chart, data, layout);
      return;
    }
    this.plotted = true;
    Plotly.newPlot(this.chart, data, layout, { displayModeBar: false, responsive: false });
    /** @type {any} */ (this.chart).on('plotly_click', (/** @type {any} */ event) => {
      const point = event.points[0];
      const type = TYPES[point.curveNumber] ?? TYPES.find((_, t) => picture.lists[t * orders + point.x] > 0) ?? TYPES[2];
      this.#open(Number(point.x), type.name);
    });
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
    }
  }

  /** @param {number} orders */
  #buildTable(orders) {
    const order = Array.from({ length: orders }, (_, o) => o);
    this.cells = TYPES.map((type) => order.map((o) => make('button', {
      title: `${type.printed} order ${o}`, attributes: { type: 'button' }, test: `list-${type.name}-${o}`,
      on: { click: () => this.#open(o, type.name) },
    })));
    this.cells.push(order.map((o) => make('td', { test: `nr_free-${o}` })));
    const rows = TYPES.map((type, t) => make('tr', {}, make('th', { text: type.printed }), ...this.cells[t].map((cell) => make('td', { data: { zero: '' } }, cell))));
    rows.push(make('tr', { class: 'stored' }, make('th', { text: 'nr_free' }), ...this.cells[TYPES.length]));
    const head = make('tr', {}, make('th', { text: 'order' }), ...order.map((o) => make('th', { text: String(o) })));
    this.table.replaceChildren(make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows)));
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
