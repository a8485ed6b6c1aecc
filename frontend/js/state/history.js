// The counters over operations: the service's series, then a point a frame, never more than a few hundred.

/** @typedef {import('../types.js').Mark} Mark */

/** Lines that History draws, each with the names it may have in the service's columns. */
export const LINES = /** @type {const} */ (['free', 'usable', 'isolated']);
const COLUMN = { free: 'nr_free_pages', usable: 'usable', isolated: 'isolated' };

/** @typedef {{op: number, free: number, usable: number, isolated: number}} Point pages */

const LIMIT = 300;

export class History {
  constructor() {
    /** @type {Point[]} */
    this.points = [];
    /** @type {Mark[]} */
    this.marks = [];
    /** Operations that must lie between two points once the series was thinned. */
    this.gap = 0;
    /** The newest point is always shown; it stays only if it lies far enough from the one before. */
    this.version = 0;
  }

  /** @param {{columns: string[], rows: number[][], marks?: Mark[]}} message of one zone */
  load(message) {
    const at = (/** @type {string} */ name) => message.columns.indexOf(name);
    const columns = { op: at('op'), free: at(COLUMN.free), usable: at(COLUMN.usable), isolated: at(COLUMN.isolated) };
    this.points = message.rows.map((row) => ({
      op: row[columns.op], free: row[columns.free], usable: row[columns.usable], isolated: row[columns.isolated],
    }));
    this.marks = [...(message.marks ?? [])];
    this.gap = 0;
    this.#thin();
    this.version += 1;
  }

  /** @param {Point} point */
  add(point) {
    const n = this.points.length;
    const last = this.points[n - 1];
    if (last && point.op < last.op) {
      this.points = [];
      this.marks = this.marks.filter((mark) => mark.op <= point.op);
    }
    const kept = this.points[this.points.length - 2];
    const replaces = this.points.length > 1 && this.points[this.points.length - 1].op - kept.op < this.gap;
    if (last && last.op === point.op) this.points[this.points.length - 1] = point;
    else if (replaces) this.points[this.points.length - 1] = point;
    else this.points.push(point);
    this.#thin();
    this.version += 1;
  }

  /** @param {Mark} mark */
  mark(mark) {
    this.marks.push(mark);
    if (this.marks.length > LIMIT) this.marks.shift();
    this.version += 1;
  }

  #thin() {
    while (this.points.length > LIMIT) {
      const newest = this.points[this.points.length - 1];
      this.points = this.points.filter((_, i) => i % 2 === 0);
      if (this.points[this.points.length - 1] !== newest) this.points.push(newest);
      this.gap = (newest.op - this.points[0].op) / (LIMIT / 2);
    }
  }
}
