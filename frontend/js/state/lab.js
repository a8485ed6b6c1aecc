// Everything the page knows about the zone, from whatever message it came.

import { Atom } from './store.js';
import { History } from './history.js';
import { applyFrame, applyPages, Dirty } from './picture.js';

/**
 * @typedef {import('../types.js').Hello} Hello
 * @typedef {import('../types.js').ZoneState} ZoneState
 * @typedef {import('../types.js').Verdict} Verdict
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Connection} Connection
 * @typedef {import('./picture.js').Picture} Picture
 * @typedef {import('./picture.js').PagesPicture} PagesPicture
 */

export class Lab {
  constructor() {
    this.connection = new Atom(/** @type {Connection} */ ({ phase: 'connecting', words: 'connecting' }));
    this.hello = new Atom(/** @type {Hello|null} */ (null));
    this.state = new Atom(/** @type {ZoneState|null} */ (null));
    this.verdicts = new Atom(/** @type {readonly Verdict[]} */ ([]));
    this.running = new Atom(false);
    /** Rises with each lab that takes the place of another: what was remembered of that one means nothing now. */
    this.number = new Atom(0);
    this.history = new History();
    this.dirty = new Dirty();
    /** @type {Picture|null} */
    this.picture = null;
    /** @type {PagesPicture|null} */
    this.pages = null;
    /** @type {Map<string, number>} counter name to its place in a frame */
    this.place = new Map();
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
   * @returns {boolean} false: the frame does not follow the one held, a new subscription is needed.
   */
  take(frame) {
    if (frame.pages || (this.pages && frame.view === this.pages.view)) {
      this.pages = applyPages(this.pages, frame);
      return true;
    }
    const { picture, fate } = applyFrame(this.picture, frame, this.dirty);
    this.picture = picture;
    if (fate === 'applied' && picture) {
      this.running.set(picture.running);
      this.history.add({
        op: picture.op, free: this.counter('nr_free_pages'), usable: this.counter('usable'),
        isolated: this.counter('isolated'),
      });
    }
    return fate !== 'resync';
  }

  /** The series so far: of another lab than before, or of this one after a cut. @param {any} message */
  load(message) {
    this.history.load(message);
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
