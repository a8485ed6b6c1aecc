// The Block drawer: what the selected blocks hold, and the pages of a single one.

import { byId, make, setText } from '../draw/dom.js';
import { counted, grouped, quantity, quantityWithUnit } from '../draw/format.js';
import { pageWords } from '../draw/chunkwords.js';
import { PageGrid } from '../draw/pagegrid.js';
import { chunkAt } from '../state/chunks.js';
import { prefs } from '../state/prefs.js';
import { count, selectionName } from '../state/selection.js';
import { printedName } from '../state/vocabulary.js';

/**
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../pageswatch.js').PagesWatch} PagesWatch
 * @typedef {import('../types.js').Preview} Preview
 */

const COLUMNS = 64;

export class BlockDetailsView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {PagesWatch} watch
   * @param {() => Preview|null} preview the one that the strip under the map holds
   */
  constructor(lab, ui, watch, preview) {
    this.ui = ui;
    this.watch = watch;
    this.preview = preview;
    /** @type {Palette|null} */
    this.palette = null;
    /** @type {Preview|null} */
    this.shown = null;
    /** Block whose pages are on show, or -1. */
    this.watched = -1;
    this.hover = -1;
    this.canvas = make('canvas', {
      class: 'pages-canvas', test: 'pages', attributes: { role: 'img', 'aria-label': 'Pages of the block' },
      on: { pointermove: (event) => this.#point(event), pointerleave: () => { this.hover = -1; } },
    });
    this.grid = new PageGrid(this.canvas, false);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.title = make('h3');
    this.words = make('div');
    this.under = make('p', { class: 'muted', text: '\u00a0' });
    byId('drawer-block', HTMLElement).replaceChildren(this.title, this.canvas, this.under, this.words);
    prefs.watch(() => { this.shown = null; });
    ui.drawer.watch(() => this.#follow());
    ui.selection.watch(() => this.#follow());
    ui.part.watch(() => this.#follow());
    lab.state.watch(() => this.#follow());
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
    this.draw();
  }

  /** One block's pages are wanted while they are on show. */
  #follow() {
    const selection = this.ui.selection.value;
    const open = this.ui.drawer.value === 'block' && count(selection) === 1;
    this.watched = open ? selection.ranges[0][0] : -1;
    this.watch.want('drawer', open ? { block: this.watched, part: this.ui.part.value } : null);
    this.draw();
  }

  /** Once a frame. */
  draw() {
    if (this.ui.drawer.value !== 'block' || !this.palette) return;
    const preview = this.preview();
    const selection = this.ui.selection.value;
    setText(this.title, selectionName(selection));
    const held = this.watch.of(this.watched);
    this.canvas.hidden = !held;
    // While the drawer is shut the canvas has no width.
    if (held && this.canvas.clientWidth > 0) {
      const columns = Math.min(COLUMNS, held.span.count);
      this.canvas.style.height = `${Math.ceil((this.canvas.clientWidth / columns) * (held.span.count / columns)) + 2}px`;
      this.grid.fit(held, this.palette, columns);
      this.grid.draw({ held, palette: this.palette, blockType: -1, hover: this.hover, chosen: -1, focused: false });
    } else if (this.watch.trouble) setText(this.under, this.watch.trouble);
    if (preview !== this.shown) this.#describe(preview);
  }

  /** @param {Preview|null} preview */
  #describe(preview) {
    this.shown = preview;
    if (!preview) {
      this.words.replaceChildren(make('p', { class: 'muted', text: 'Pick a block on the map.' }));
      return;
    }
    const { info } = preview;
    const { unit } = prefs.value;
    const say = (/** @type {number} */ pages) => quantity(pages, unit);
    const lists = info.free_lists.map(([order, type, chunks]) => `${counted(chunks, 'chunk')} of order ${order} on ${printedName(type)}`);
    const parts = [
      `${quantityWithUnit(info.pages, unit)}: ${say(info.free)} free, ${say(info.allocated)} allocated (${say(info.lru)} on the LRU, ${say(info.unmovable)} cannot be migrated, ${say(info.pinned)} pinned), ${say(info.pcp)} on pcp, ${say(info.reserved)} reserved, ${say(info.offline)} offline, ${say(info.holes)} in holes.`,
      lists.length ? `On free lists: ${lists.join(', ')}.` : 'Nothing of it is on a free list.',
      ...info.straddling.map(({ pfn, order }) => `The free or used chunk at PFN ${grouped(pfn)}, order ${order}, reaches across the border.`),
      `At operation ${grouped(preview.op)}.`,
    ];
    this.words.replaceChildren(...parts.map((text) => make('p', { text })));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const held = this.watch.of(this.watched);
    this.hover = this.grid.at(event.offsetX, event.offsetY);
    const chunk = held && chunkAt(held.chunks, this.hover);
    setText(this.under, held && chunk ? pageWords(this.hover, chunk, held.span) : '\u00a0');
    this.draw();
  }
}
