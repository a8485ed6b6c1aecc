// The rows of the books and the sentences under them, from numbers alone.

import { sumOfOrders } from './picture.js';

/**
 * @typedef {import('./picture.js').Picture} Picture
 * @typedef {(name: string) => number} Counter pages; NaN where there is no such counter
 * @typedef {{key: string, label: string, side: 'free'|'rest', hero: boolean, pages: number, relation?: string}} Row
 */

/** Rows that are a counter as it stands. */
const PLAIN = /** @type {const} */ ([
  ['usable', 'usable', 'free'],
  ['isolated', 'on ISOLATE lists', 'free'],
  ['stray', 'stray', 'free'],
  ['pcp', 'pcp (counted nowhere)', 'free'],
  ['allocated', 'allocated', 'rest'],
  ['offline', 'offline', 'rest'],
  ['reserved', 'reserved', 'rest'],
  ['cma', 'CMA', 'rest'],
  ['present', 'present', 'rest'],
]);

/**
 * @param {Counter} counter
 * @param {Picture|null} picture
 * @param {boolean} aimed whether the model aims at NR_FREE_PAGES = Σ nr_free: only then is a difference an alarm
 * @returns {Row[]}
 */
export function bookRows(counter, picture, aimed) {
  const free = counter('nr_free_pages');
  const sum = picture ? sumOfOrders(picture.nrFree) : NaN;
  return [
    { key: 'nr_free_pages', label: 'NR_FREE_PAGES', side: 'free', hero: true, pages: free },
    { key: 'sum', label: 'Σ nr_free · 2ᵒ', side: 'free', hero: false, pages: sum, relation: sum === free ? '=' : aimed ? '≠' : '' },
    ...PLAIN.map(([key, label, side]) => ({ key, label, side, hero: key === 'usable', pages: counter(key) })),
  ];
}

/**
 * The one sentence.
 * @param {number} free NR_FREE_PAGES
 * @param {number} usable what can be allocated
 * @param {(pages: number) => string} say
 */
export function sentence(free, usable, say) {
  const gap = free - usable;
  if (!Number.isFinite(gap)) return '\u00a0';
  const verb = Math.abs(gap) === 1 ? 'is' : 'are';
  if (gap > 0) return `${say(gap)} ${verb} counted as free and cannot be allocated.`;
  // Below zero it counts pages that are nowhere: those it lacks are more than can be had.
  if (free < 0) return `Counted ${say(-gap)} too low: ${usable === 0 ? 'none' : say(usable)} can be allocated.`;
  if (gap < 0) return `${say(-gap)} can be allocated and ${verb} not counted as free.`;
  return free === 0 ? 'No page is counted as free, and none can be allocated.' : 'What is counted as free can be allocated.';
}

/** Bits of the two verdicts, strictest first. */
export const LEVELS = /** @type {const} */ ([['HIGH', 4], ['LOW', 2], ['MIN', 1]]);

/**
 * Which watermark a single page's request meets by the counter, and which by what can be allocated.
 * @param {Counter} counter
 * @param {(pages: number) => string} say
 * @returns {{verdict: string, levels: string}}
 */
export function markVerdict(counter, say) {
  const byCounter = counter('watermark_ok');
  const byLists = counter('watermark_true');
  // A zone that was never booted has no watermarks: whatever it holds says nothing.
  const none = counter('watermark_high') === 0;
  if (none || !Number.isFinite(byCounter) || !Number.isFinite(byLists)) return { verdict: '\u00a0', levels: '' };
  const levels = `MIN ${say(counter('watermark_min'))} · LOW ${say(counter('watermark_low'))} · HIGH ${say(counter('watermark_high'))}`;
  const met = (/** @type {number} */ bits) => LEVELS.find(([, bit]) => bits & bit)?.[0] ?? null;
  return { verdict: verdictWords(met(byCounter), met(byLists)), levels };
}

/**
 * @param {string|null} claimed by the counter; null: not even MIN
 * @param {string|null} real by what can be allocated
 */
function verdictWords(claimed, real) {
  const met = (/** @type {string|null} */ level) => (level ? `${level} met` : 'Below MIN');
  if (claimed === real) return `${met(claimed)}, by the counter and by what can be allocated.`;
  return `${met(claimed)} by the counter; ${real ?? 'below MIN'} by what can be allocated.`;
}
