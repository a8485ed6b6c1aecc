// The ledger in words: names of accounts, claims worth a row, a drift order by order.

import { printedName } from './vocabulary.js';

/**
 * @typedef {import('../types.js').AccountRow} AccountRow
 * @typedef {import('../types.js').Claim} Claim
 * @typedef {import('../types.js').Move} Move
 */

/** @type {Readonly<Record<string, string>>} */
const BEFORE = Object.freeze({ free: 'free, on', stray: 'stray, on', pcp: 'pcp,', 'in use': 'in use,' });

/** @param {AccountRow} account */
export function accountName({ sort, order, migratetype }) {
  if (order === null || migratetype === null) return sort === 'hole' ? 'holes' : sort;
  if (sort === 'isolated') return `isolated, order ${order}`;
  return `${BEFORE[sort] ?? sort} ${printedName(migratetype)}, order ${order}`;
}

/**
 * NR_FREE_PAGES, and of the orders those where the claim is wrong or something is claimed.
 * @param {readonly Claim[]} claims
 */
export function claimRows(claims) {
  return claims.filter(({ order, claimed, real }) => order === null || claimed !== 0 || real !== 0)
    .map((claim) => ({ ...claim, name: claim.order === null ? claim.counter : `nr_free[${claim.order}]` }));
}

/**
 * What operations did to the books: chunks by order that each list gained, what nr_free says of it, NR_FREE_PAGES.
 * @param {Move} move
 * @returns {{name: string, by: readonly number[], sum: number}[]} by order in chunks, in sum in pages
 */
export function driftRows({ listed, nr_free: nrFree, nr_free_pages: free, gap, by_order: byOrder }) {
  const pages = (/** @type {readonly number[]} */ by) => by.reduce((sum, chunks, order) => sum + chunks * 2 ** order, 0);
  return [
    ...Object.entries(listed).map(([type, by]) => ({ name: `${printedName(type)} lists`, by, sum: pages(by) })),
    { name: 'nr_free', by: nrFree, sum: pages(nrFree) },
    { name: 'NR_FREE_PAGES', by: [], sum: free },
    { name: 'difference', by: byOrder.map((by, order) => by / 2 ** order), sum: gap },
  ];
}

/**
 * Where an operation moved the difference of an identity that goes by order; '' of another.
 * @param {Move} move
 */
export function byOrder({ by_order: pages, nr_free: nrFree }) {
  return nrFree.some((chunks) => chunks !== 0)
    ? pages.flatMap((gap, order) => (gap ? [`${gap > 0 ? '+' : '\u2212'}${Math.abs(gap)} at order ${order}`] : [])).join(', ')
    : '';
}
