// Single pageblocks of a part of a zone whose own cells stand for several each: what level `window` of the
// protocol brings. On a map of `stride` columns such a part is a rectangle.

/**
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {{first: number, width: number, runs: number, stride: number}} Stretch
 *   `runs` runs of `width` blocks, each `stride` blocks after the one before; the last ends with the zone at the latest.
 * @typedef {Stretch & {view: number, seq: number, op: number, cells: Uint32Array}} Close a cell a block, run after run
 * @typedef {{need: Stretch, ask: Stretch}} Wish what has to be there, and what to ask for if it is not
 */

/** Cells of one view at most (docs/PROTOCOL.md). */
export const MOST_CELLS = 65_536;

/**
 * @param {Stretch} stretch
 * @param {number} block
 * @returns {number} the place of its cell, or -1
 */
export function indexIn({ first, width, runs, stride }, block) {
  if (block < first) return -1;
  const run = Math.floor((block - first) / stride);
  const at = block - first - run * stride;
  return run < runs && at < width ? run * width + at : -1;
}

/**
 * @param {Stretch} stretch
 * @param {number} index
 * @returns {number} the block
 */
export function blockAt({ first, width, stride }, index) {
  return first + Math.floor(index / width) * stride + (index % width);
}

/**
 * Whether all of one lies in the other.
 * @param {Stretch} outer
 * @param {Stretch} inner
 */
export function covers(outer, inner) {
  for (let run = 0; run < inner.runs; run++) {
    const begin = indexIn(outer, inner.first + run * inner.stride);
    const end = indexIn(outer, inner.first + run * inner.stride + inner.width - 1);
    if (begin < 0 || end !== begin + inner.width - 1) return false;
  }
  return true;
}

/**
 * One run of blocks: of a table, or of a block whose pages are on show.
 * @param {number} first
 * @param {number} blocks
 * @returns {Wish}
 */
export function oneRun(first, blocks) {
  const run = { first, width: blocks, runs: 1, stride: blocks };
  return { need: run, ask: run };
}

/**
 * Whether a frame shows just this.
 * @param {Stretch} stretch
 * @param {Frame} frame of level `window`
 */
export function shows({ first, width, runs, stride }, { firstBlock, window }) {
  return window !== null && firstBlock === first && window.width === width && window.runs === runs && window.stride === stride;
}

/**
 * @param {Frame} frame a keyframe of level `window`
 * @returns {Close|null}
 */
export function closeOf({ view, seq, op, firstBlock, window, cells }) {
  return window && cells ? { view, seq, op, first: firstBlock, ...window, cells: cells.slice() } : null;
}
