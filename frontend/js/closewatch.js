// The one owner of the view of single pageblocks. A connection has one; whoever needs blocks one by one says so here.

import { covers } from './state/close.js';

/**
 * @typedef {import('./state/lab.js').Lab} Lab
 * @typedef {import('./state/close.js').Stretch} Stretch
 * @typedef {import('./state/close.js').Wish} Wish
 * @typedef {'pages'|'table'|'map'} Reader the pages of a block, the map's table, the map
 */

/** Who stands in front: the map lies under both others. @type {readonly Reader[]} */
const READERS = ['pages', 'table', 'map'];

export class CloseWatch {
  /**
   * @param {Lab} lab
   * @param {(stretch: Stretch|null) => Promise<unknown>} subscribe null: no more
   */
  constructor(lab, subscribe) {
    this.lab = lab;
    this.subscribe = subscribe;
    /** @type {Map<Reader, Wish>} */
    this.wishes = new Map();
    /** One question at a time: while the map is dragged about, only the newest wish counts. */
    this.asking = false;
    lab.connection.watch(({ phase }) => {
      // A new connection has no views, and its own numbers for them.
      if (phase === 'disconnected') lab.closeAsked = null;
      else if (phase === 'live') this.#follow();
    });
    // Blocks of another lab: nothing that was held is true of it.
    lab.number.watch(() => {
      lab.close = null;
      this.again();
    });
  }

  /**
   * @param {Reader} reader
   * @param {Wish|null} wish
   */
  want(reader, wish) {
    if (wish) this.wishes.set(reader, wish);
    else if (!this.wishes.delete(reader)) return;
    this.#follow();
  }

  /** Ask anew for what is wanted: what came does not follow what is held. */
  again() {
    this.lab.closeAsked = null;
    this.#follow();
  }

  #follow() {
    const { lab } = this;
    if (this.asking || lab.connection.value.phase !== 'live') return;
    const wish = READERS.map((reader) => this.wishes.get(reader)).find(Boolean) ?? null;
    if (wish ? lab.closeAsked && covers(lab.closeAsked, wish.need) : !lab.closeAsked) return;
    lab.closeAsked = wish?.ask ?? null;
    if (!wish) lab.close = null;
    this.asking = true;
    // Refused, the zone's own cells are all there is to see; the next wish asks again.
    this.subscribe(lab.closeAsked).catch(() => { lab.close = null; }).finally(() => {
      this.asking = false;
      this.#follow();
    });
  }
}
