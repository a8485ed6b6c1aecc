// The one owner of the pages view. A connection has one, and both the map's page level and the Block drawer show
// it: whoever wants a block's pages says so here, and the map comes first.

import { chunksOf } from './state/chunks.js';
import { spanOf } from './state/pagespan.js';

/**
 * @typedef {import('./state/lab.js').Lab} Lab
 * @typedef {import('./state/chunks.js').BlockPages} BlockPages
 * @typedef {import('./state/pagespan.js').PageSpan} PageSpan
 * @typedef {import('./state/picture.js').PagesPicture} PagesPicture
 * @typedef {'map'|'drawer'} Reader
 * @typedef {{block: number, part: number}} Wish
 */

/** @type {readonly Reader[]} */
const READERS = ['map', 'drawer'];

export class PagesWatch {
  /**
   * @param {Lab} lab
   * @param {(firstPfn: number, pages: number) => Promise<unknown>} subscribe 0 pages: no more
   */
  constructor(lab, subscribe) {
    this.lab = lab;
    this.subscribe = subscribe;
    /** @type {Map<Reader, Wish>} */
    this.wishes = new Map();
    /** @type {PageSpan|null} */
    this.span = null;
    /** What the service was last asked for. */
    this.asked = '';
    /** Why there are no pages, if the service refused them. */
    this.trouble = '';
    /** @type {BlockPages|null} */
    this.held = null;
    /** @type {PagesPicture|null} */
    this.seen = null;
    lab.connection.watch(({ phase }) => {
      // A new connection has no views, and its own numbers for them. What was seen stays in sight until its first frame.
      if (phase === 'disconnected') {
        this.asked = '';
        lab.pages = null;
      }
      else if (phase === 'live') this.#follow();
    });
    lab.state.watch(() => this.#follow());
  }

  /**
   * @param {Reader} reader
   * @param {Wish|null} wish
   */
  want(reader, wish) {
    if (wish) this.wishes.set(reader, wish);
    else this.wishes.delete(reader);
    this.#follow();
  }

  #follow() {
    const state = this.lab.state.value;
    const wish = READERS.map((reader) => this.wishes.get(reader)).find(Boolean);
    this.span = state && wish ? spanOf(state, wish.block, wish.part) : null;
    if (!state || this.lab.connection.value.phase !== 'live') return;
    const asked = this.span ? `${this.span.from} ${this.span.pages}` : '';
    if (asked === this.asked) return;
    this.asked = asked;
    this.lab.pages = null;
    this.trouble = '';
    this.subscribe(this.span?.from ?? 0, this.span?.pages ?? 0).catch((/** @type {unknown} */ error) => {
      if (this.asked === asked) this.trouble = error instanceof Error ? error.message : String(error);
    });
  }

  /**
   * The pages of the block that is wanted, once they are there.
   * @param {number} block
   * @returns {BlockPages|null}
   */
  of(block) {
    const { span, lab } = this;
    if (!span || span.block !== block) return null;
    const pages = lab.pages;
    if (pages && pages.firstPfn === span.from && pages.state.length === span.pages) {
      if (this.held?.span !== span || !same(this.seen, pages)) this.held = { span, chunks: chunksOf(pages, span) };
      this.seen = pages;
    }
    return this.held?.span.block === block && this.held.span.first === span.first && this.held.span.count === span.count ? this.held : null;
  }
}

/**
 * While other blocks are at work a frame may bring the same pages again.
 * @param {PagesPicture|null} a
 * @param {PagesPicture} b
 */
function same(a, b) {
  if (a === b) return true;
  if (!a || a.firstPfn !== b.firstPfn || a.state.length !== b.state.length) return false;
  return a.state.every((value, i) => value === b.state[i]) && a.attributes.every((value, i) => value === b.attributes[i]);
}
