// What a frame says of a node, by name: its own numbers, and of every zone a summary.

/**
 * @typedef {import('../types.js').FrameNode} FrameNode
 * @typedef {import('../types.js').Hello} Hello
 * @typedef {import('../types.js').ZoneRow} ZoneRow
 * @typedef {Record<string, number>} Numbers
 * @typedef {{name: string, nr_free_pages: number, free_safe: number, usable: number, present: number, watermark_min: number,
 *   watermark_low: number, watermark_high: number, lru_file: number, lru_anon: number, pages_scanned: number,
 *   all_unreclaimable: number, given_up: number, isolated: number, offline: number}} ZoneSummary pages, and two flags;
 *   `free_safe` is what kswapd goes by, `given_up` what direct reclaim does
 * @typedef {{numbers: Numbers, verdict: string, zones: readonly ZoneSummary[]}} NodeView `verdict`: how the last request ended
 */

/**
 * @param {FrameNode|null} node
 * @param {Hello|null} hello
 * @param {readonly ZoneRow[]} rows lowest first
 * @returns {NodeView|null} null: a bare zone, or a node whose rows are not known yet
 */
export function nodeView(node, hello, rows) {
  if (!node || !hello || node.zones.length !== rows.length) return null;
  const numbers = named(hello.node_numbers, node.numbers);
  return {
    numbers, verdict: hello.verdicts[numbers.verdict] ?? '',
    zones: node.zones.map((values, slot) => /** @type {any} */ ({ name: rows[slot].zone, ...named(hello.zone_summary, values) })),
  };
}

/**
 * @param {readonly string[]} names
 * @param {Float64Array} values
 * @returns {Numbers}
 */
function named(names, values) {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
