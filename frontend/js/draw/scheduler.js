// The one owner of requestAnimationFrame. Quick things are drawn in each frame that something changed in;
// charts, dear as they are, in turn: at most one a frame, each at most so many times a second.

/** @typedef {{draw: () => void, everyMs: number, dirty: boolean, lastAt: number}} Lane */

export class Scheduler {
  /**
   * @param {(callback: (now: number) => void) => unknown} [request]
   */
  constructor(request = (callback) => requestAnimationFrame(callback)) {
    this.request = request;
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
    this.lanes.push({ draw, everyMs, dirty: false, lastAt: -Infinity });
  }

  /** Something changed: draw everything that is due. */
  changed() {
    this.quickDirty = true;
    for (const lane of this.lanes) lane.dirty = true;
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
      const late = now - lane.lastAt - lane.everyMs;
      if (lane.dirty && late >= 0 && (!due || lane.lastAt < due.lastAt)) due = lane;
    }
    if (due) {
      due.dirty = false;
      due.lastAt = now;
      due.draw();
    }
    if (this.quickDirty || this.lanes.some((lane) => lane.dirty)) this.#ask();
  }
}
