// Which pages stand for a block: those shown, and those asked of the service so that no chunk's head is missing.

import { slotOfBlock } from './zones.js';

/**
 * @typedef {import('../types.js').ZoneState} ZoneState
 * @typedef {{block: number, part: number, parts: number, blockFirst: number, blockPages: number,
 *   first: number, count: number, zoneFirst: number, zoneEnd: number, from: number, pages: number}} PageSpan
 *   `first` and `count` are shown, `from` and `pages` asked for: PFNs and pages.
 */

/** Pages of one view at most (docs/PROTOCOL.md). */
export const MOST_PAGES = 4096;

/**
 * The service is asked for the whole stretch that a chunk over this block could cover, so that the head of one
 * that begins in another block is known; where that is too much, for the pages shown alone.
 * @param {ZoneState} state
 * @param {number} block
 * @param {number} [part] which 4096 pages of a larger block
 * @returns {PageSpan|null} null: the zone has no such block
 */
export function spanOf({ config, zone, zones }, block, part = 0) {
  const row = zones[slotOfBlock(zones, block)];
  if (!row || !Number.isInteger(block)) return null;
  const blockPages = 2 ** config.pageblock_order;
  const parts = Math.ceil(blockPages / MOST_PAGES);
  const shown = Math.min(Math.max(0, part), parts - 1);
  const blockFirst = zone.first_block_pfn + block * blockPages;
  const first = blockFirst + shown * MOST_PAGES;
  const count = Math.min(blockPages, MOST_PAGES);
  const zoneFirst = row.start_pfn;
  const zoneEnd = row.start_pfn + row.spanned_pages;
  const largest = 2 ** (config.max_order - 1);
  const whole = largest <= MOST_PAGES;
  const low = whole ? Math.floor(first / largest) * largest : first;
  const from = Math.max(zoneFirst, low);
  const end = Math.min(zoneEnd, low + (whole ? largest : count));
  return { block, part: shown, parts, blockFirst, blockPages, first, count, zoneFirst, zoneEnd, from, pages: Math.max(0, end - from) };
}

/**
 * @param {PageSpan} span
 * @param {ZoneState} state
 * @param {number} step 1 on, −1 back: by 4096 pages, then by block
 * @returns {{block: number, part: number}|null} null: the zone ends there
 */
export function neighbour(span, { zones }, step) {
  const part = span.part + step;
  if (part >= 0 && part < span.parts) return { block: span.block, part };
  const block = span.block + step;
  return slotOfBlock(zones, block) >= 0 && slotOfBlock(zones, block) === slotOfBlock(zones, span.block) ? { block, part: step > 0 ? 0 : span.parts - 1 } : null;
}
