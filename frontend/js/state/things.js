// What one can ask about: who changed it last? A thing has a name to be read and the fields that the question takes.

import { LEVELS } from './ledger.js';
import { printedName } from './vocabulary.js';

/** @typedef {{name: string, fields: Readonly<Record<string, string|number|null>>}} Thing */

/** Rows of the books whose changes the log tells: the counter's name. */
export const ROWS = Object.freeze({
  nr_free_pages: 'nr_free_pages', sum: 'nr_free_sum', usable: 'usable', isolated: 'isolated', stray: 'stray', pcp: 'pcp',
  allocated: 'allocated', offline: 'offline', reserved: 'reserved', cma: 'cma', present: 'present',
});

/** @type {Readonly<Record<string, string>>} */
const COUNTERS = Object.freeze({
  nr_free_pages: 'NR_FREE_PAGES', nr_free_sum: 'Σ nr_free', usable: 'usable pages', isolated: 'pages on ISOLATE lists', listed: 'pages on free lists',
  pcp: 'pages on pcp lists', allocated: 'allocated pages', offline: 'offline pages', reserved: 'reserved pages', cma: 'pages on CMA lists', present: 'present pages',
  stray: 'stray pages', blocks_isolated: 'isolated pageblocks', blocks_offline: 'offline pageblocks', spanned: 'spanned pages',
  watermark_ok: 'watermarks met by NR_FREE_PAGES', watermark_true: 'watermarks met by what can be allocated',
  watermark_min: 'watermark MIN', watermark_low: 'watermark LOW', watermark_high: 'watermark HIGH',
});

/** Counters that the list of things offers. */
export const OFFERED = Object.freeze(Object.keys(COUNTERS));

/** @param {string} counter @param {string|null} zone @returns {Thing} */
export function counterThing(counter, zone) {
  return { name: `${COUNTERS[counter] ?? counter}${zone ? ` of ${zone}` : ''}`, fields: { counter, zone } };
}

/**
 * What an operation changed a thing by. One that meets a watermark meets all below it, so the difference of
 * two verdicts has the bits that came, or those that went.
 * @param {Thing} thing
 * @param {number} amount
 * @param {(amount: number) => string} say
 */
export function amountWords({ fields }, amount, say) {
  if (fields.counter !== 'watermark_ok' && fields.counter !== 'watermark_true') return say(amount);
  const marks = LEVELS.filter(([, bit]) => Math.abs(amount) & bit).map(([level]) => level).reverse().join(', ');
  return amount > 0 ? `${marks} met` : `${marks} not met`;
}

/** @param {number} order @param {string|null} zone @returns {Thing} */
export function nrFreeThing(order, zone) {
  return { name: `nr_free[${order}]${zone ? ` of ${zone}` : ''}`, fields: { order, zone } };
}

/** @param {number} order @param {string} migratetype @param {string|null} zone @returns {Thing} */
export function listThing(order, migratetype, zone) {
  return { name: `the ${printedName(migratetype)} list of order ${order}${zone ? ` of ${zone}` : ''}`, fields: { order, migratetype, zone } };
}

/** @param {number} cpu @param {string} migratetype @param {string|null} zone @returns {Thing} */
export function pcpThing(cpu, migratetype, zone) {
  return { name: `CPU ${cpu}’s ${printedName(migratetype)} list${zone ? ` of ${zone}` : ''}`, fields: { pcp: cpu, migratetype, zone } };
}

/** @param {number} block @returns {Thing} */
export function blockThing(block) {
  return { name: `pageblock ${block}`, fields: { block } };
}

/** @param {number} pfn @returns {Thing} */
export function pageThing(pfn) {
  return { name: `PFN ${pfn}`, fields: { pfn } };
}

/** @param {number} handle @param {number} pfn where its chunk is @returns {Thing} */
export function handleThing(handle, pfn) {
  return { name: `handle ${handle}, the chunk at PFN ${pfn}`, fields: { handle } };
}
