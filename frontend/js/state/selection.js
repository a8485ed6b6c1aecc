// Which pageblocks are selected: ascending ranges, a focused block, and the anchor that shift extends from.
// Pure: each function gives a new selection.

/**
 * @typedef {[number, number]} Range first and last block, both inside.
 * @typedef {{ranges: readonly Range[], focus: number, anchor: number}} Selection focus and anchor are -1 where none.
 */

/** @type {Selection} */
export const NOTHING = Object.freeze({ ranges: [], focus: -1, anchor: -1 });

/**
 * Merge overlapping and touching ranges.
 * @param {readonly Range[]} ranges
 * @returns {Range[]}
 */
export function normalised(ranges) {
  /** @type {Range[]} */
  const merged = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = merged[merged.length - 1];
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/**
 * One cell alone: a plain click.
 * @param {Range} cell
 * @returns {Selection}
 */
export function only(cell) {
  return { ranges: [cell], focus: cell[0], anchor: cell[0] };
}

/**
 * From the anchor to here: shift-click, shift-arrow.
 * @param {Selection} selection
 * @param {Range} cell
 * @returns {Selection}
 */
export function extend(selection, cell) {
  if (selection.anchor < 0) return only(cell);
  const range = /** @type {Range} */ ([Math.min(selection.anchor, cell[0]), Math.max(selection.anchor, cell[1])]);
  return { ranges: [range], focus: cell[0], anchor: selection.anchor };
}

/**
 * In if out, out if in: ctrl-click, Space.
 * @param {Selection} selection
 * @param {Range} cell
 * @returns {Selection}
 */
export function toggle(selection, cell) {
  const ranges = contains(selection, cell[0])
    ? selection.ranges.flatMap((range) => without(range, cell))
    : normalised([...selection.ranges, cell]);
  return { ranges, focus: cell[0], anchor: cell[0] };
}

/**
 * Many at once: a box.
 * @param {readonly Range[]} ranges
 * @param {number} focus
 * @returns {Selection}
 */
export function several(ranges, focus) {
  return { ranges: normalised(ranges), focus, anchor: focus };
}

/**
 * @param {Range} range
 * @param {Range} cut
 * @returns {Range[]}
 */
function without([first, last], cut) {
  /** @type {Range[]} */
  const left = [];
  if (first < cut[0]) left.push([first, Math.min(last, cut[0] - 1)]);
  if (last > cut[1]) left.push([Math.max(first, cut[1] + 1), last]);
  return left;
}

/**
 * @param {Selection} selection
 * @param {number} block
 */
export function contains(selection, block) {
  let low = 0;
  let high = selection.ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, last] = selection.ranges[middle];
    if (block < first) high = middle - 1;
    else if (block > last) low = middle + 1;
    else return true;
  }
  return false;
}

/** @param {Selection} selection */
export function count(selection) {
  return selection.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/**
 * What is left of a selection in a zone of so many blocks.
 * @param {Selection} selection
 * @param {number} blocks
 * @returns {Selection}
 */
export function clipped(selection, blocks) {
  if (selection.focus < blocks && selection.ranges.every(([, last]) => last < blocks)) return selection;
  const ranges = selection.ranges
    .filter(([first]) => first < blocks)
    .map(([first, last]) => /** @type {Range} */ ([first, Math.min(last, blocks - 1)]));
  return ranges.length ? { ranges, focus: ranges[0][0], anchor: ranges[0][0] } : NOTHING;
}

/**
 * As commands carry it: single indices and [first, last].
 * @param {Selection} selection
 * @returns {(number|Range)[]}
 */
export function asBlocks(selection) {
  return selection.ranges.map(([first, last]) => (first === last ? first : [first, last]));
}

/** @param {Selection} selection */
export function selectionName(selection) {
  const n = count(selection);
  if (n === 0) return 'No block selected';
  if (n === 1) return `Block ${selection.ranges[0][0]}`;
  const last = selection.ranges[selection.ranges.length - 1][1];
  const whole = selection.ranges.length === 1;
  return whole ? `Blocks ${selection.ranges[0][0]}–${last}` : `${n} blocks, ${selection.ranges[0][0]}…${last}`;
}
