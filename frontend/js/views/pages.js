// The map's page level: the pages of one block in the place of the zone. Pointer and arrows pick a chunk.

import { byId, isTyping, make, setText } from '../draw/dom.js';
import { pageWords, sumWords } from '../draw/chunkwords.js';
import { PageGrid } from '../draw/pagegrid.js';
import { drawKindSample, kindsOf } from '../draw/pagekey.js';
import { chunkAt } from '../state/chunks.js';
import { neighbour } from '../state/pagespan.js';
import { CELL } from '../state/vocabulary.js';

/**
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../state/chunks.js').BlockPages} BlockPages
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../pageswatch.js').PagesWatch} PagesWatch
 */

export class PagesView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {PagesWatch} watch
   * @param {() => void} redraw asks for a frame
   */
  constructor(lab, ui, watch, redraw) {
    this.lab = lab;
    this.ui = ui;
    this.watch = watch;
    this.redraw = redraw;
    this.level = byId('pages-level', HTMLElement);
    this.canvas = byId('pages-canvas', HTMLCanvasElement);
    this.plot = byId('pages-plot', HTMLElement);
    this.empty = byId('pages-empty', HTMLElement);
    this.readout = byId('map-readout', HTMLElement);
    this.grid = new PageGrid(this.canvas, true);
    /** @type {Palette|null} */
    this.palette = null;
    this.hover = -1;
    /** Kinds met since this block was entered: the key grows and never jumps back. @type {Set<string>} */
    this.met = new Set();
    this.keyed = '';
    this.#listen();
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
    this.keyed = '';
    this.draw();
  }

  #listen() {
    const { ui } = this;
    const follow = () => {
      const block = ui.inside.value;
      this.watch.want('map', block < 0 ? null : { block, part: ui.part.value });
      this.redraw();
    };
    ui.inside.watch((block) => {
      this.level.hidden = block < 0;
      byId('map', HTMLElement).dataset.level = block < 0 ? 'zone' : 'pages';
      this.hover = -1;
      this.readout.title = '';
      this.met.clear();
      follow();
    });
    ui.part.watch(follow);
    ui.page.watch(() => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.canvas);
    this.plot.addEventListener('pointermove', (event) => this.#pointAt(this.#pfnAt(event)));
    this.plot.addEventListener('pointerleave', () => this.#pointAt(-1));
    this.plot.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.plot.dataset.pointer = '';
      this.#pick(this.#pfnAt(event));
    });
    this.plot.addEventListener('keydown', (event) => this.#key(event));
    for (const kind of ['focus', 'blur']) this.plot.addEventListener(kind, () => this.redraw());
  }

  get held() {
    const block = this.ui.inside.value;
    return block < 0 ? null : this.watch.of(block);
  }

  /**
   * The chunks on show and where they stand in the window, or null where the map shows the zone.
   * @returns {{chunks: readonly import('../state/chunks.js').Chunk[], boxOf: (pfn: number, pages: number) => import('../draw/geometry.js').Rect}|null}
   */
  get shown() {
    const { held } = this;
    if (!held) return null;
    const at = this.canvas.getBoundingClientRect();
    return {
      chunks: held.chunks,
      boxOf: (pfn, pages) => {
        const box = this.grid.boxOf(pfn, pages);
        return { ...box, left: at.left + box.left, top: at.top + box.top };
      },
    };
  }

  /** The block's type; −1 while no more is known than the cell that it shares. */
  get blockType() {
    const known = this.lab.known(this.ui.inside.value);
    return known && known.first === known.last ? CELL.type(known.cell) : -1;
  }

  /** @param {PointerEvent} event */
  #pfnAt(event) {
    const at = this.canvas.getBoundingClientRect();
    return this.grid.at(event.clientX - at.left, event.clientY - at.top);
  }

  /** @param {number} pfn */
  #pointAt(pfn) {
    if (pfn === this.hover) return;
    this.hover = pfn;
    this.redraw();
  }

  /** @param {number} pfn */
  #pick(pfn) {
    if (pfn >= 0) this.ui.page.set(pfn);
  }

  /** Once a frame. */
  draw() {
    if (this.ui.inside.value < 0 || !this.palette) return;
    const { held, palette, ui } = this;
    this.empty.hidden = held !== null;
    setText(this.empty, this.watch.trouble || 'Waiting for the pages');
    if (!held || this.canvas.clientWidth === 0) return;
    this.#key_(held);
    this.grid.fit(held, palette);
    this.#place(held);
    const focused = document.activeElement === this.plot && !('pointer' in this.plot.dataset);
    this.grid.draw({ held, palette, blockType: this.blockType, hover: this.hover, chosen: ui.page.value, focused });
    this.#read(held);
  }

  /** The part that takes the focus lies over the pages, and says how many there are. @param {BlockPages} held */
  #place({ span, chunks }) {
    const { rect, grid } = this.grid;
    Object.assign(this.plot.style, { left: `${rect.left}px`, top: `${rect.top}px`, width: `${rect.width}px`, height: `${rect.height}px` });
    Object.assign(this.level.dataset, {
      block: String(span.block), first: String(span.first), count: String(span.count), columns: String(grid.columns), rows: String(grid.rows),
      op: String(this.lab.pages?.op ?? ''),
    });
    const words = sumWords(chunks, span);
    if (this.plot.getAttribute('aria-description') !== words) this.plot.setAttribute('aria-description', words);
  }

  /** @param {BlockPages} held */
  #read({ chunks, span }) {
    const pfn = this.hover >= 0 ? this.hover : this.ui.page.value;
    const chunk = chunkAt(chunks, pfn);
    const words = chunk ? pageWords(pfn, chunk, span, this.blockType) : 'Click a page or use the arrow keys; Esc leads back.';
    if (setText(this.readout, words)) this.readout.title = words;
  }

  /** @param {BlockPages} held */
  #key_({ chunks }) {
    const { palette } = this;
    if (!palette) return;
    for (const [name] of kindsOf(chunks, this.blockType)) this.met.add(name);
    const now = [...this.met].sort().join();
    if (now === this.keyed) return;
    this.keyed = now;
    byId('pages-key', HTMLUListElement).replaceChildren(...kindsOf(null).filter(([name]) => this.met.has(name)).map(([name, words]) => {
      const sample = make('canvas', { attributes: { 'aria-hidden': 'true' } });
      drawKindSample(sample, name, palette);
      return make('li', { data: { kind: name } }, sample, words);
    }));
  }

  /** Arrows go from chunk to chunk, up and down a row; page keys to the next block. @param {KeyboardEvent} event */
  #key(event) {
    const { held, ui } = this;
    if (isTyping(event.target) || event.altKey || event.ctrlKey || event.metaKey || !held) return;
    const { span, chunks } = held;
    const { columns } = this.grid.grid;
    const end = span.first + span.count;
    delete this.plot.dataset.pointer;
    const here = chunkAt(chunks, ui.page.value) ?? chunks[0];
    const column = (Math.max(span.first, ui.page.value) - span.first) % columns;
    const rowOf = (/** @type {number} */ pfn) => Math.floor((pfn - span.first) / columns);
    const inRow = (/** @type {number} */ row) => span.first + row * columns + column;
    const targets = /** @type {Record<string, number>} */ ({
      ArrowLeft: here.pfn - 1, ArrowRight: here.pfn + here.pages,
      ArrowUp: inRow(rowOf(here.pfn) - 1), ArrowDown: inRow(rowOf(here.pfn + here.pages - 1) + 1),
      Home: span.first, End: end - 1, Enter: ui.page.value < 0 ? span.first : ui.page.value,
    });
    const target = targets[event.key];
    if (target !== undefined) {
      if (ui.page.value < span.first || ui.page.value >= end) ui.page.set(span.first);
      else if (target >= span.first && target < end) ui.page.set(event.key === 'ArrowLeft' ? chunkAt(chunks, target)?.pfn ?? target : target);
    } else if (event.key === 'PageUp' || event.key === 'PageDown') {
      const state = this.lab.state.value;
      const next = state && neighbour(span, state, event.key === 'PageDown' ? 1 : -1);
      if (next) ui.goTo(next);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
