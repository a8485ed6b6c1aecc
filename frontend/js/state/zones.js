// The zones of a lab: a bare one has a single row. Pageblocks are numbered over the node, so a block names its zone.

/**
 * @typedef {import('../types.js').ZoneRow} ZoneRow
 * @typedef {import('../types.js').ZoneState} ZoneState
 */

/**
 * @param {readonly ZoneRow[]} rows
 * @param {number} block
 * @returns {number} the zone's place among them, or -1
 */
export function slotOfBlock(rows, block) {
  return rows.findIndex(({ first_block: first, nr_pageblocks: blocks }) => block >= first && block < first + blocks);
}

/**
 * @param {readonly ZoneRow[]} rows
 * @param {string} name
 * @returns {number} the lowest where none is called so
 */
export function slotNamed(rows, name) {
  return Math.max(0, rows.findIndex(({ zone }) => zone === name));
}

/** Whether the lab is a node of zones, and not a bare one. @param {ZoneState|null} state */
export function isNode(state) {
  return state !== null && (state.config.whole || state.zones.length > 1);
}

/**
 * The block that a page lies in.
 * @param {ZoneState} state
 * @param {number} pfn
 */
export function blockOfPfn({ zone, config }, pfn) {
  return Math.floor((pfn - zone.first_block_pfn) / 2 ** config.pageblock_order);
}
