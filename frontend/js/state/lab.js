// Everything the page knows about the zone, from whatever message it came.

import { Atom } from './store.js';
import { History } from './history.js';
import { applyClose, applyFrame, applyPages, Dirty, withTransit } from './picture.js';
import { indexIn, shows } from './close.js';
import { nodeView } from './node.js';
import { isNode, slotOfBlock } from './zones.js';

/**
 * @typedef {import('../types.js').Hello} Hello
 * @typedef {import('../types.js').ZoneState} ZoneState
 * @typedef {import('../types.js').Verdict} Verdict
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Connection} Connection
 * @typedef {import('./picture.js').Picture} Picture
 * @typedef {import('./picture.js').PagesPicture} PagesPicture
 * @typedef {import('./close.js').Close} Close
 * @typedef {import('./close.js').Stretch} Stretch
 */

export class Lab {
  /** As the frames have them. @type {PagesPicture|null} */
  #pages = null;

  constructor() {
    this.connection = new Atom(/** @type {Connection} */ ({ phase: 'connecting', words: 'connecting' }));
    this.hello = new Atom(/** @type {Hello|null} */ (null));
    this.state = new Atom(/** @type {ZoneState|null} */ (null));
    this.verdicts = new Atom(/** @type {readonly Verdict[]} */ ([]));
    this.running = new Atom(false);
    /** Pages that are in no chunk amid the operation at hand: first PFN, how many. */
    this.transit = new Atom(/** @type {readonly [number, number][]} */ ([]));
    /** What people wrote down, on the present way, by operation. */
    this.notes = new Atom(/** @type {readonly import('../types.js').NoteRow[]} */ ([]));
    /** Where the lab stands, if that is in its past and it rests there: a link leads there again. @type {Atom<import('./address.js').LinkMoment|null>} */
    this.stands = new Atom(/** @type {import('./address.js').LinkMoment|null} */ (null));
    /** Rises with each lab that takes the place of another: what was remembered of that one means nothing now. */
    this.number = new Atom(0);
    /** Which of the lab's zones the picture shows, by its place among them. */
    this.slot = new Atom(0);
    /** One of each zone, lowest first. */
    this.histories = [new History()];
    this.dirty = new Dirty();
    /** @type {Picture|null} */
    this.picture = null;
    /** @type {PagesPicture|null} */
    this.pages = null;
    /** Blocks one by one, where the picture's cells stand for several. @type {Close|null} */
    this.close = null;
    this.closeDirty = new Dirty();
    /** Which of them the service was last asked for: frames of others come too late. @type {Stretch|null} */
    this.closeAsked = null;
    /** @type {Map<string, number>} counter name to its place in a frame */
    this.place = new Map();
    this.transit.watch((transit) => { this.pages = withTransit(this.#pages, transit); });
  }

  /** Blocks with pages that are in no chunk amid the operation at hand. */
  get unsettled() {
    const state = this.state.value;
    /** @type {Set<number>} */
    const blocks = new Set();
    if (!state) return blocks;
    const { zone: { first_block_pfn: base }, config: { pageblock_order: order } } = state;
    for (const [pfn, count] of this.transit.value) {
      for (let block = Math.floor((pfn - base) / 2 ** order); block * 2 ** order + base < pfn + count; block++) blocks.add(block);
    }
    return blocks;
  }

  /**
   * @param {Hello} hello
   * @returns {boolean} whether this is another server than the one before: what was held means nothing now.
   */
  greet(hello) {
    const before = this.hello.value;
    this.place = new Map(hello.counters.map((name, i) => [name, i]));
    this.hello.set(hello);
    return before !== null && before.instance !== hello.instance;
  }

  /**
   * @param {Frame} frame
   * @returns {''|'cells'|'window'} the level of which it does not follow the frame held: subscribe to that anew.
   */
  take(frame) {
    if (frame.window) return this.#takeClose(frame);
    if (frame.pages || (this.pages && frame.view === this.pages.view)) {
      this.#pages = applyPages(this.#pages, frame);
      this.pages = withTransit(this.#pages, this.transit.value);
      return '';
    }
    const { picture, fate } = applyFrame(this.picture, frame, this.dirty);
    this.picture = picture;
    if (fate === 'applied' && picture) {
      this.running.set(picture.running);
      if (this.moment?.whole && this.transit.value.length > 0) this.transit.set([]);
      this.#find();
      this.#remember(picture.op);
      this.#stand();
    }
    return fate === 'resync' ? 'cells' : '';
  }

  #stand() {
    const { here, stands: { value: before } } = this;
    const rests = this.past && !this.running.value ? here : null;
    const same = rests?.op === before?.op && rests?.step === before?.step && rests?.branch === before?.branch;
    if (!same) this.stands.set(rests);
  }

  /** The present moment as a link has it. */
  get here() {
    const { moment } = this;
    return moment && { op: this.op, step: moment.whole ? null : moment.step, branch: moment.branch };
  }

  /** Marks and notes, as ticks of the history. @returns {import('../types.js').Mark[]} */
  get marks() {
    return [...this.history.marks, ...this.notes.value.map(({ op, text }) => ({ op, kind: 'note', text }))];
  }

  /** Which zone it is that the picture shows. */
  #find() {
    const slot = this.picture ? slotOfBlock(this.rows, this.picture.firstBlock) : -1;
    this.slot.set(Math.max(0, slot));
  }

  /** Where the picture stands in the lab's time. */
  get moment() {
    return this.picture?.moment ?? null;
  }

  /** Whether something follows on this branch. */
  get past() {
    const { moment } = this;
    return moment !== null && (this.op < moment.tip || !moment.whole);
  }

  /** @param {number} op */
  #remember(op) {
    // What is past has its points.
    if (this.past) return;
    const { node } = this;
    if (!node) {
      this.histories[0].add({ op, free: this.counter('nr_free_pages'), usable: this.counter('usable'), isolated: this.counter('isolated') });
      return;
    }
    node.zones.forEach(({ nr_free_pages: free, usable, isolated }, slot) => {
      this.histories[slot] ??= new History();
      this.histories[slot].add({ op, free, usable, isolated });
    });
  }

  /** The lab's zones, lowest first. */
  get rows() {
    return this.state.value?.zones ?? [];
  }

  /** The zone on show. */
  get row() {
    return this.rows[this.slot.value] ?? null;
  }

  /** The zone on show as reads are told it: a bare one needs no name. */
  get zoneAsked() {
    return isNode(this.state.value) ? this.row?.zone ?? null : null;
  }

  /** The numbers of the node and of every zone of it; null: a bare zone. */
  get node() {
    return nodeView(this.picture?.node ?? null, this.hello.value, this.rows);
  }

  /** The series of the zone on show. */
  get history() {
    return this.histories[this.slot.value] ?? this.histories[0];
  }

  /** @param {import('../types.js').Mark} mark */
  mark(mark) {
    for (const history of this.histories) history.mark(mark);
  }

  /** @param {ZoneState} state */
  tell(state) {
    this.state.set(state);
    this.#find();
  }

  /** @param {Frame} frame @returns {''|'window'} */
  #takeClose(frame) {
    if (!this.closeAsked || !shows(this.closeAsked, frame)) return '';
    const { close, fate } = applyClose(this.close, frame, this.closeDirty);
    this.close = close;
    return fate === 'resync' ? 'window' : '';
  }

  /** The first pageblock of the zone on show. */
  get first() {
    return this.picture?.firstBlock ?? 0;
  }

  /** Pageblocks of the zone on show. */
  get blocks() {
    const { picture } = this;
    if (!picture) return 0;
    const told = this.rows.find(({ first_block: first }) => first === picture.firstBlock)?.nr_pageblocks ?? 0;
    const { length } = picture.cells;
    // The state of another zone may come before its first picture.
    return Math.ceil(told / picture.blocksPerCell) === length ? told : length * picture.blocksPerCell;
  }

  /**
   * The blocks that share a cell of the whole zone's picture with this one.
   * @param {number} block
   * @returns {[number, number]}
   */
  sharing(block) {
    const perCell = this.picture?.blocksPerCell ?? 1;
    const base = this.first;
    const first = base + Math.floor((block - base) / perCell) * perCell;
    return [first, Math.min(base + this.blocks, first + perCell) - 1];
  }

  /**
   * The finest that is known of a block of the zone on show: its own cell, or the one that it shares.
   * @param {number} block
   * @returns {{cell: number, first: number, last: number}|null} the cell and the blocks that it stands for; null: no such block
   */
  known(block) {
    const { picture, close } = this;
    if (!picture || block < picture.firstBlock || block >= picture.firstBlock + this.blocks) return null;
    const at = close ? indexIn(close, block) : -1;
    if (close && at >= 0) return { cell: close.cells[at], first: block, last: block };
    const [first, last] = this.sharing(block);
    return { cell: picture.cells[Math.floor((block - picture.firstBlock) / picture.blocksPerCell)], first, last };
  }

  /** The series so far: of another lab than before, or of this one after a cut. @param {any} message */
  load(message) {
    const { columns, rows, upper_rows: upper = [], marks } = message;
    this.histories = [rows, ...upper].map((/** @type {number[][]} */ own) => {
      const history = new History();
      history.load({ columns, rows: own, marks });
      return history;
    });
    this.notes.set(message.notes ?? []);
    this.number.set(this.number.value + 1);
  }

  /**
   * @param {string} name
   * @returns {number} NaN where the service sends no such counter.
   */
  counter(name) {
    const at = this.place.get(name);
    return at === undefined || !this.picture ? NaN : this.picture.counters[at] ?? NaN;
  }

  get op() {
    return this.picture?.op ?? 0;
  }
}
