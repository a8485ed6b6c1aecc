// The Block drawer: what the selected blocks hold, and the pages of a single one.

import { byId, make, setText } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { chunksOf, chunkWords, drawPages } from '../draw/pagegrid.js';
import { count, selectionName } from '../state/selection.js';
import { printedName } from '../state/vocabulary.js';

/**
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../draw/pagegrid.js').Chunk} Chunk
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Preview} Preview
 */

const COLUMNS = 64;
/** Pages of one view at most (docs/PROTOCOL.md). */
const MOST_PAGES = 4096;

export class BlockDetailsView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {() => Preview|null} preview the one that the strip under the map holds
   */
  constructor(lab, ui, actions, preview) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.preview = preview;
    /** @type {Palette|null} */
    this.palette = null;
    /** @type {Preview|null} */
    this.shown = null;
    /** Block whose pages are streamed, or -1. */
    this.watched = -1;
    /** @type {Chunk[]} */
    this.chunks = [];
    this.canvas = make('canvas', { class: 'pages-canvas', test: 'pages', attributes: { role: 'img', 'aria-label': 'Pages of the block' }, on: { pointermove: (event) => this.#point(event) } });
    this.title = make('h3');
    this.words = make('div');
    this.under = make('p', { class: 'muted', text: '\u00a0' });
    byId('drawer-block', HTMLElement).replaceChildren(this.title, this.canvas, this.under, this.words);
    ui.drawer.watch(() => this.#follow());
    ui.selection.watch(() => this.#follow());
    lab.connection.watch(({ phase }) => {
      if (phase === 'disconnected') this.watched = -1;
      else if (phase === 'live') this.#follow();
    });
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
    this.draw();
  }

  /** One block's pages are streamed while they are on show. */
  #follow() {
    const selection = this.ui.selection.value;
    const state = this.lab.state.value;
    const open = this.ui.drawer.value === 'block' && count(selection) === 1 && state !== null;
    const block = open ? selection.ranges[0][0] : -1;
    if (block === this.watched || this.lab.connection.value.phase !== 'live') return;
    this.watched = block;
    if (!state || block < 0) {
      this.lab.pages = null;
      this.actions.watchPages(0, 0).catch(() => {});
    } else {
      const pages = 2 ** state.config.pageblock_order;
      const zoneEnd = state.config.start_pfn + state.config.spanned_pages;
      const first = Math.max(state.config.start_pfn, state.zone.first_block_pfn + block * pages);
      const last = Math.min(zoneEnd, state.zone.first_block_pfn + (block + 1) * pages);
      this.actions.watchPages(first, Math.min(MOST_PAGES, last - first)).catch((/** @type {Error} */ error) => setText(this.under, error.message));
    }
    this.draw();
  }

  /** Once a frame. */
  draw() {
    if (this.ui.drawer.value !== 'block' || !this.palette) return;
    const preview = this.preview();
    const selection = this.ui.selection.value;
    setText(this.title, selectionName(selection));
    const { pages } = this.lab;
    this.canvas.hidden = !pages || this.watched < 0;
    if (pages && this.watched >= 0) {
      this.chunks = chunksOf(pages.state, pages.attributes);
      drawPages(this.canvas, this.chunks, pages.state.length, Math.min(COLUMNS, pages.state.length), this.palette);
    }
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
    const lists = info.free_lists.map(([order, type, chunks]) => `${counted(chunks, 'chunk')} of order ${order} on ${printedName(type)}`);
    const parts = [
      `${counted(info.pages, 'page')}: ${grouped(info.free)} free, ${grouped(info.allocated)} allocated (${grouped(info.lru)} on the LRU, ${grouped(info.unmovable)} cannot be migrated, ${grouped(info.pinned)} pinned), ${grouped(info.pcp)} on pcp, ${grouped(info.reserved)} reserved, ${grouped(info.offline)} offline, ${grouped(info.holes)} in holes.`,
      lists.length ? `On free lists: ${lists.join(', ')}.` : 'Nothing of it is on a free list.',
      ...info.straddling.map(({ pfn, order }) => `The free or used chunk at PFN ${grouped(pfn)}, order ${order}, reaches across the border.`),
      `At operation ${grouped(preview.op)}.`,
    ];
    this.words.replaceChildren(...parts.map((text) => make('p', { text })));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { pages } = this.lab;
    if (!pages) return;
    const columns = Math.min(COLUMNS, pages.state.length);
    const size = this.canvas.clientWidth / columns;
    const at = Math.floor(event.offsetY / size) * columns + Math.floor(event.offsetX / size);
    const chunk = this.chunks.find((one) => at >= one.at && at < one.at + one.pages);
    setText(this.under, chunk ? chunkWords(chunk, pages.firstPfn) : '\u00a0');
  }
}
