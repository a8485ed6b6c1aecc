// What a live region is given to say, and when: never more than one utterance at a time, never a backlog.
// Pure: whoever owns a clock asks `wait` and `take`.

/**
 * `act` answers a person, `verdict` is an identity that broke or healed, `place` is where the keyboard stands,
 * `hum` is how a running zone does.
 * @typedef {'act'|'verdict'|'place'|'hum'} Kind
 */

/** Least time after whatever was said last, ms. */
const GAP_MS = Object.freeze({ act: 1000, verdict: 1000, place: 250, hum: 5000 });
const KINDS = /** @type {readonly Kind[]} */ (Object.freeze(['place', 'act', 'verdict', 'hum']));

export class Speech {
  constructor() {
    /** @type {Map<Kind, () => string>} the newest of each kind; what it replaced is never said */
    this.pending = new Map();
    this.lastAt = -Infinity;
  }

  /**
   * @param {Kind} kind
   * @param {() => string} words asked for when they are said, so that they are true then; '' is left out
   */
  offer(kind, words) {
    this.pending.set(kind, words);
  }

  /** @param {Kind} kind */
  withdraw(kind) {
    this.pending.delete(kind);
  }

  /**
   * @param {number} now ms
   * @returns {number|null} until something is due; null: nothing is pending
   */
  wait(now) {
    if (this.pending.size === 0) return null;
    return Math.max(0, Math.min(...[...this.pending.keys()].map((kind) => this.lastAt + GAP_MS[kind])) - now);
  }

  /**
   * All that is due, as one utterance. What hums is left out where something better is said.
   * @param {number} now ms
   * @returns {string} '' if nothing is due
   */
  take(now) {
    /** @type {string[]} */
    const said = [];
    for (const kind of KINDS) {
      const words = this.pending.get(kind);
      if (!words || now < this.lastAt + GAP_MS[kind] || (kind === 'hum' && said.length > 0)) continue;
      this.pending.delete(kind);
      said.push(words());
    }
    const text = said.filter(Boolean).join(' ');
    if (text) this.lastAt = now;
    return text;
  }
}
