// What the reader has picked and opened. Outlives a cut connection.

import { Atom } from './store.js';
import { count, NOTHING, only } from './selection.js';

/**
 * @typedef {import('./selection.js').Selection} Selection
 * @typedef {{order: number, migratetype: string, pcp: boolean}} ListChoice
 * @typedef {{order: number, migratetype: string, zone: string, atomic: boolean}} Question zone '': the rule decides
 * @typedef {{block: number, zoom: number}} Sight
 * @typedef {{id: number, kind: 'said'|'error'|'hang', text: string}} Notice
 */

export class Ui {
  constructor() {
    this.selection = new Atom(/** @type {Selection} */ (NOTHING));
    /** The zone on show, by name; '' or none of the lab's: the lowest. */
    this.zone = new Atom('');
    /** The block whose pages fill the map, or −1: the whole zone. */
    this.inside = new Atom(-1);
    /** Which 4096 pages of it, where it has more. */
    this.part = new Atom(0);
    /** PFN of the page picked there, or −1. */
    this.page = new Atom(-1);
    /** The name of what is picked there; told to those who hear the page. */
    this.picked = new Atom('');
    this.drawer = new Atom(/** @type {'steps'|'why'|'ledger'|'block'|'list'|'would'|'reclaim'|'story'|null} */ (null));
    /** The operation whose steps are asked for; null: the newest. */
    this.stepsOf = new Atom(/** @type {number|null} */ (null));
    /** What the Why tab asks about; null: NR_FREE_PAGES. */
    this.why = new Atom(/** @type {import('./things.js').Thing|null} */ (null));
    /** The identity whose drift the ledger tells of; '': one that is broken. */
    this.drift = new Atom('');
    this.list = new Atom(/** @type {ListChoice} */ ({ order: 0, migratetype: 'MOVABLE', pcp: false }));
    /** The part of the map in sight: its middle block and how many times it is magnified; null: the whole zone. */
    this.sight = new Atom(/** @type {Sight|null} */ (null));
    /** Blocks that a cell of the map stands for; 0: nothing is on show yet. */
    this.grain = new Atom(0);
    /** The list under the pointer or the focus, and where in the window that is. */
    this.peek = new Atom(/** @type {(ListChoice & {x: number, y: number})|null} */ (null));
    /** Blocks that hold the pages of the list on show. */
    this.lit = new Atom(/** @type {ReadonlySet<number>} */ (new Set()));
    this.notices = new Atom(/** @type {readonly Notice[]} */ ([]));
    /** Operation at which the person last acted: changes in the books count from there. */
    this.acted = new Atom(0);
    /** What a verb said of itself, and the operation it came to; told to those who hear the page. */
    this.told = new Atom(/** @type {{text: string, op: number}|null} */ (null));
    /** The request that "Would it succeed?" asks about. */
    this.question = new Atom(/** @type {Question} */ ({ order: 0, migratetype: 'MOVABLE', zone: '', atomic: false }));
    this.nextNotice = 1;
    this.inside.watch((block) => {
      this.part.set(0);
      this.page.set(-1);
      if (block >= 0 && !this.#isAlone(block)) this.selection.set(only([block, block]));
    });
    // One who picks another block while inside one wants that one's pages.
    this.selection.watch(({ ranges: [first] }) => {
      if (this.inside.value >= 0 && first && this.#isAlone(first[0])) this.inside.set(first[0]);
    });
  }

  /** @param {number} block */
  #isAlone(block) {
    const { value } = this.selection;
    return count(value) === 1 && value.ranges[0][0] === block;
  }

  /** The pages of a block in the place of the zone. @param {number} block */
  enter(block) {
    this.inside.set(block);
  }

  /** Other pages, while inside. @param {{block: number, part: number}} place */
  goTo({ block, part }) {
    this.inside.set(block);
    this.part.set(part);
  }

  /** Who changed this last? @param {import('./things.js').Thing} thing */
  ask(thing) {
    this.why.set(thing);
    this.drawer.set('why');
  }

  leave() {
    this.inside.set(-1);
  }

  /**
   * @param {string} text
   * @param {'said'|'error'|'hang'} [kind] all but what is only said stay until they are closed; `hang`: a request that never ends
   */
  say(text, kind = 'said') {
    const notice = { id: this.nextNotice++, kind, text };
    this.notices.set([...this.notices.value.slice(-2), notice]);
    if (kind === 'said') setTimeout(() => this.unsay(notice.id), 8000);
  }

  /** @param {number} id */
  unsay(id) {
    this.notices.set(this.notices.value.filter((notice) => notice.id !== id));
  }
}
