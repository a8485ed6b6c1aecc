// The one owner of requestAnimationFrame. Quick things are drawn in each frame that something changed in;
// charts, dear as they are, in turn: at most one a frame, each at most so many times a second.

/** @typedef {{draw: () => void, everyMs: number, dirtyAt: number, lastAt: number}} Lane `dirtyAt`: Infinity where nothing changed */

/** What comes with a change, words that are asked for, is on show before a chart takes its time. */
const SETTLE_MS = 50;

export class Scheduler {
  /**
   * @param {(callback: (now: number) => void) => unknown} [request]
   * @param {() => number} [clock]
   */
  constructor(request = (callback) => requestAnimationFrame(callback), clock = () => performance.now()) {
    this.request = request;
    this.clock = clock;
    /** @type {(() => void)[]} */
    this.quick = [];
    /** @type {Lane[]} */
    this.lanes = [];
    this.asked = false;
    this.quickDirty = false;
  }

  /** @param {() => void} draw */
  eachFrame(draw) {
    this.quick.push(draw);
  }

  /**
   * @param {number} everyMs
   * @param {() => void} draw
   */
  inTurn(everyMs, draw) {
    this.lanes.push({ draw, everyMs, dirtyAt: Infinity, lastAt: -Infinity });
  }

  /** Something changed: draw everything that is due. */
  changed() {
    this.quickDirty = true;
    const now = this.clock();
    for (const lane of this.lanes) lane.dirtyAt = Math.min(lane.dirtyAt, now);
    this.#ask();
  }

  #ask() {
    if (this.asked) return;
    this.asked = true;
    this.request((now) => this.#frame(now));
  }

  /** @param {number} now */
  #frame(now) {
    this.asked = false;
    if (this.quickDirty) {
      this.quickDirty = false;
      for (const draw of this.quick) draw();
    }
    /** @type {Lane|null} */
    let due = null;
    for (const lane of this.lanes) {
      const dueAt = Math.max(lane.lastAt + lane.everyMs, lane.dirtyAt + SETTLE_MS);
      if (now >= dueAt && (!due || lane.lastAt < due.lastAt)) due = lane;
    }
    if (due) {
      due.dirtyAt = Infinity;
      due.lastAt = now;
      due.draw();
    }
    if (this.quickDirty || this.lanes.some(({ dirtyAt }) => dirtyAt < Infinity)) this.#ask();
  }
}
