// A node in words: who sleeps and why, how the last request ended, where a zone stands against its marks.

import { counted, grouped } from './format.js';

/**
 * @typedef {import('../state/node.js').NodeView} NodeView
 * @typedef {import('../state/node.js').ZoneSummary} ZoneSummary
 * @typedef {(pages: number) => string} Say pages in the reader's unit
 */

/** kswapd begins a balancing at this priority and goes down to 0. */
export const FIRST_PRIORITY = 12;

/** Highest first, as a request walks them; a zone without a page is passed over. @param {NodeView} node */
const walked = ({ zones }) => zones.filter(({ present }) => present > 0).reverse();

/** @param {ZoneSummary} zone @param {'LOW'|'HIGH'} mark @param {Say} say */
function against(zone, mark, say) {
  const at = mark === 'LOW' ? zone.watermark_low : zone.watermark_high;
  return `${zone.name} ${say(zone.free_safe)} ${zone.free_safe > at ? '>' : '≤'} ${mark} ${say(at)}`;
}

/** @param {NodeView} node */
export function kswapdState({ numbers }) {
  return numbers.kswapd_awake ? 'kswapd is awake' : 'kswapd sleeps';
}

/** What an awake one works at. @param {NodeView} node */
export function kswapdTask({ numbers, zones }) {
  if (!numbers.kswapd_awake) return '';
  const highest = zones[numbers.kswapd_class]?.name ?? '';
  return `Order ${numbers.kswapd_order}, up to ${highest}, priority ${numbers.kswapd_priority} of ${FIRST_PRIORITY}.`;
}

/**
 * The comparisons that keep kswapd as it is: a sleeping one is woken where a zone is not above LOW, an awake one
 * works until every zone that is not given up is above HIGH. Neither asks for a lowmem_reserve.
 * @param {NodeView} node
 * @param {Say} say
 */
export function kswapdReason(node, say) {
  const there = walked(node);
  if (!node.numbers.kswapd_awake) {
    const low = there.filter(({ free_safe: free, watermark_low: mark }) => free <= mark);
    if (low.length === 0) return `${there.map((zone) => against(zone, 'LOW', say)).join(', ')} (no lowmem_reserve asked).`;
    return `${low.map((zone) => against(zone, 'LOW', say)).join(', ')}: the next request that finds nothing at LOW wakes it.`;
  }
  const short = there.filter(({ free_safe: free, watermark_high: mark }) => free <= mark);
  if (short.length === 0) return 'Every zone is above HIGH: it falls asleep at its next step.';
  return `${short.map((zone) => {
    const mark = zone.free_safe <= zone.watermark_low ? 'LOW' : 'HIGH';
    return `${against(zone, mark, say)}${zone.given_up ? ' (given up)' : ''}`;
  }).join(', ')}.`;
}

/** Zones whose count says yes and whose lists say no. @param {NodeView} node */
export function fooling(node) {
  return walked(node).filter(({ free_safe: free, watermark_low: low, usable }) => free > low && usable < free);
}

/**
 * How the last request ended.
 * @param {NodeView} node
 * @param {Say} say
 */
export function requestWords(node, say) {
  const { turns } = node.numbers;
  const after = turns ? ` after ${counted(turns, 'turn')} of the slow path` : ' at once';
  switch (node.verdict) {
    case 'GOT': return `The last request got its page${after}.`;
    case 'NO_PAGE': return `The last request got nothing${turns ? after : ''}.`;
    case 'LIVELOCK': return livelockWords(node, say);
    case 'PANIC': return 'Out of memory, and no process is left to kill: the kernel panics.';
    default: return 'Nothing was asked for yet.';
  }
}

/**
 * Who sleeps, who loops, what number fooled them.
 * @param {NodeView} node
 * @param {Say} say
 */
function livelockWords(node, say) {
  const kswapd = node.numbers.kswapd_awake ? 'kswapd is awake and changes nothing' : 'kswapd sleeps';
  const fooled = fooling(node).map(({ name, free_safe: free, usable }) => `${name} counts ${say(free)} free and can give ${say(usable)}, `);
  return `Livelock: ${fooled.join('')}${kswapd}, and direct reclaim loops for ever.`;
}

/** In few words, with the turns it took. @param {NodeView} node */
export function endingWords({ verdict, numbers: { turns } }) {
  /** @type {Record<string, string>} */
  const endings = { GOT: 'got its page', NO_PAGE: 'got nothing', LIVELOCK: 'never returns', PANIC: 'ended in a panic' };
  return `The last request ${endings[verdict] ?? 'is still to come'}${endings[verdict] && turns ? `: ${counted(turns, 'turn')} of the slow path` : ''}.`;
}

/** @param {NodeView} node */
export function oomWords({ numbers: { oom_kills: kills, oom_victim: victim } }) {
  return kills ? `${counted(kills, 'OOM kill')}, the last of process ${victim}.` : 'No OOM kill.';
}

/**
 * The lowest mark that a zone's count is not above.
 * @param {ZoneSummary} zone
 * @returns {''|'MIN'|'LOW'|'HIGH'}
 */
export function belowMark({ nr_free_pages: free, watermark_min: min, watermark_low: low, watermark_high: high }) {
  if (free <= min) return 'MIN';
  if (free <= low) return 'LOW';
  return free <= high ? 'HIGH' : '';
}

/**
 * Where a zone stands, in few words.
 * @param {ZoneSummary} zone
 * @param {Say} say
 */
export function standWords(zone, say) {
  if (zone.present === 0) return 'no page';
  const below = belowMark(zone);
  const stuck = zone.nr_free_pages - zone.usable;
  return [
    below ? `▼ below ${below}` : 'above HIGH',
    stuck > 0 ? `${say(stuck)} cannot be given` : '',
    zone.given_up ? 'given up' : '',
  ].filter(Boolean).join(' · ');
}

/**
 * The whole of it, for a tip.
 * @param {ZoneSummary} zone
 */
export function standTip(zone) {
  const { nr_free_pages: free, usable, free_safe: safe, watermark_min: min, watermark_low: low, watermark_high: high, present } = zone;
  const reckoned = safe === free ? '' : ` kswapd reckons with ${grouped(safe)}.`;
  return `${zone.name}: ${counted(free, 'page')} counted free, ${grouped(usable)} can be given.${reckoned} `
    + `MIN ${grouped(min)}, LOW ${grouped(low)}, HIGH ${grouped(high)}. The left half of the bar ends at twice HIGH, the right half at all ${counted(present, 'page')}.`;
}

/**
 * Where a count stands on the bar, 0…1: half of it is for what lies near the marks, half for all the rest.
 * @param {number} pages
 * @param {ZoneSummary} zone
 */
export function barPlace(pages, { watermark_high: high, present }) {
  const near = 2 * high;
  const place = near <= 0 || near >= present
    ? pages / Math.max(1, present, near)
    : pages <= near ? pages / near / 2 : 0.5 + (pages - near) / (present - near) / 2;
  return Math.min(1, Math.max(0, place));
}

/**
 * A request that goes round for ever, as its result tells of it.
 * @param {readonly string[]} words
 */
export function hangWords(words) {
  const told = words.find((text) => text.includes('livelock'));
  const sentence = (told ?? 'The request loops in direct reclaim for ever and changes nothing').replace(/\.?$/, '.');
  return sentence.replace(/^\w|(?<=[.] )\w/g, (letter) => letter.toUpperCase());
}

/** A sum's line: whether it holds, by sign and word. @param {boolean} holds */
export function holdsWords(holds) {
  return holds ? '✓ holds' : '✕ fails';
}

/** @type {Record<string, string>} */
export const ANSWERS = Object.freeze({
  yes: 'Yes, at once', slow: 'Yes, on the slow path', reclaim: 'Only if reclaim finds a page', no: 'No',
});

/** The two indices of a zone, as /proc and debugfs have them. @param {import('../types.js').WouldZone} zone */
export function indexWords({ fragmentation: { unusable_index: unusable, extfrag_index: extfrag, words } }) {
  const thousandths = (/** @type {number} */ n) => `${n < 0 ? '−' : ''}${(Math.abs(n) / 1000).toFixed(3)}`;
  return `By nr_free: unusable_index ${thousandths(unusable)}, extfrag_index ${thousandths(extfrag)}: ${words}.`;
}
