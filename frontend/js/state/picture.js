// The picture of the zone that the frames paint: typed arrays, changed in place.

import { closeOf } from './close.js';

/**
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('./close.js').Close} Close
 * @typedef {'applied'|'resync'|'ignored'} Fate `resync`: ask for a keyframe
 * @typedef {import('../types.js').FrameIdentity} FrameIdentity
 *
 * @typedef {{view: number, seq: number, op: number, running: boolean, stopped: boolean, orders: number,
 *   blocksPerCell: number, firstBlock: number, cells: Uint32Array, counters: Float64Array, nrFree: Float64Array,
 *   lists: Uint32Array, identities: FrameIdentity[], pcp: Uint32Array, node: import('../types.js').FrameNode|null, moment: import('../types.js').Moment|null}} Picture
 *   `node` is null of a bare zone
 * @typedef {{view: number, seq: number, op: number, firstPfn: number, state: Uint8Array, attributes: Uint8Array}} PagesPicture
 */

/** Cells changed since somebody drew: their indices, or all of them. */
export class Dirty {
  /** @param {number} limit more than this many indices count as all. */
  constructor(limit = 4096) {
    this.limit = limit;
    this.all = true;
    /** @type {Set<number>} */
    this.cells = new Set();
  }

  /** @param {Uint32Array} index */
  add(index) {
    if (this.all) return;
    for (const i of index) this.cells.add(i);
    if (this.cells.size > this.limit) this.addAll();
  }

  addAll() {
    this.all = true;
    this.cells.clear();
  }

  /** @returns {Set<number>|null} what to draw again; null: everything. */
  take() {
    const taken = this.all ? null : this.cells;
    this.all = false;
    this.cells = new Set();
    return taken;
  }
}

/**
 * Apply a frame of the cells view. A delta is merged, never skipped: it is against the frame before it.
 * @param {Picture|null} held
 * @param {Frame} frame
 * @param {Dirty} dirty
 * @returns {{picture: Picture|null, fate: Fate}}
 */
export function applyFrame(held, frame, dirty) {
  if (frame.keyframe) {
    if (!frame.cells) return { picture: held, fate: 'ignored' };
    dirty.addAll();
    return { picture: fresh(held, frame, frame.cells), fate: 'applied' };
  }
  const fate = merge(held, frame, dirty);
  if (held && fate === 'applied') {
    held.running = frame.running;
    held.stopped = frame.stopped;
    takeNumbers(held, frame);
  }
  return { picture: held, fate };
}

/**
 * Apply a frame of the view of single blocks.
 * @param {Close|null} held
 * @param {Frame} frame
 * @param {Dirty} dirty
 * @returns {{close: Close|null, fate: Fate}}
 */
export function applyClose(held, frame, dirty) {
  if (!frame.keyframe) return { close: held, fate: merge(held, frame, dirty) };
  dirty.addAll();
  return { close: closeOf(frame), fate: 'applied' };
}

/**
 * @param {{view: number, seq: number, op: number, cells: Uint32Array}|null} held
 * @param {Frame} frame a delta
 * @param {Dirty} dirty
 * @returns {Fate}
 */
function merge(held, frame, dirty) {
  if (!held || frame.view !== held.view) return 'ignored';
  if (frame.baseSeq !== held.seq) return 'resync';
  if (frame.cells) {
    // A delta in which most cells changed carries them all.
    held.cells.set(frame.cells);
    dirty.addAll();
  }
  if (frame.changed) {
    const { index, cell } = frame.changed;
    for (let i = 0; i < index.length; i++) held.cells[index[i]] = cell[i];
    dirty.add(index);
  }
  held.seq = frame.seq;
  held.op = frame.op;
  return 'applied';
}

/**
 * @param {Picture|null} held
 * @param {Frame} frame
 * @param {Uint32Array} cells
 * @returns {Picture}
 */
function fresh(held, frame, cells) {
  /** @type {Picture} */
  const picture = {
    view: frame.view, seq: frame.seq, op: frame.op, running: frame.running, stopped: frame.stopped,
    orders: frame.orders, blocksPerCell: Math.max(1, frame.blocksPerCell), firstBlock: frame.firstBlock,
    cells: cells.slice(),
    counters: held?.counters ?? new Float64Array(0),
    nrFree: held?.nrFree ?? new Float64Array(frame.orders),
    lists: held?.lists ?? new Uint32Array(frame.orders * frame.migratetypes),
    identities: held?.identities ?? [],
    pcp: held?.pcp ?? new Uint32Array(0),
    // A keyframe has all there is: without it this is a bare zone.
    node: null,
    moment: held?.moment ?? null,
  };
  takeNumbers(picture, frame);
  return picture;
}

/**
 * Sections that a frame leaves out have not changed.
 * @param {Picture} picture
 * @param {Frame} frame
 */
function takeNumbers(picture, frame) {
  if (frame.counters) picture.counters = frame.counters;
  if (frame.nrFree) picture.nrFree = frame.nrFree;
  if (frame.lists) picture.lists = frame.lists;
  if (frame.identities) picture.identities = frame.identities;
  if (frame.pcp) picture.pcp = frame.pcp;
  if (frame.node) picture.node = frame.node;
  if (frame.moment) picture.moment = frame.moment;
}

/**
 * Apply a frame of a pages view.
 * @param {PagesPicture|null} held
 * @param {Frame} frame
 * @returns {PagesPicture|null}
 */
export function applyPages(held, frame) {
  if (!frame.pages) {
    if (held && held.view === frame.view) held.op = frame.op;
    return held;
  }
  return { view: frame.view, seq: frame.seq, op: frame.op, ...frame.pages };
}

/**
 * Sum of nr_free · 2^order, in pages, as stored (may be negative).
 * @param {Float64Array} nrFree
 */
export function sumOfOrders(nrFree) {
  let sum = 0;
  for (let order = 0; order < nrFree.length; order++) sum += nrFree[order] * 2 ** order;
  return sum;
}
