// What happened between two moments of the free lists, as moves that can be shown: a chunk travels from list to
// list, splits, merges, is taken by an allocation or given by a free. Told from the lists' lengths alone, so a
// guess, but one in which every chunk that left or came is accounted for once.

/**
 * @typedef {{type: number, order: number}} List
 * @typedef {{from: List[], to: List[], block: boolean}} Move
 *   one list to one: travels; one to several of lower order: a split; several to one: a merge; none: from or to the
 *   pages of a block. `block`: part of a split or merge too comes from there, or goes there.
 */

/** More than this at once is no story. */
const MOST_CHUNKS = 16;

/**
 * @typedef {{pfn: number, pages: number}} Run
 * @typedef {{from: Run, to: Run}} Reshaped
 */

/**
 * Chunks of a block that became others: a split sets out from the whole, a merge comes together in it.
 * @param {readonly Run[]} before ascending, without a gap
 * @param {readonly Run[]} after of the same pages
 * @returns {Reshaped[]} none where too much happened
 */
export function reshapedBetween(before, after) {
  /** @type {Reshaped[]} */
  const moves = [];
  for (let b = 0, a = 0; b < before.length && a < after.length;) {
    const from = before[b];
    const to = after[a];
    if (from.pfn !== to.pfn || from.pages !== to.pages) moves.push({ from: { pfn: from.pfn, pages: from.pages }, to: { pfn: to.pfn, pages: to.pages } });
    if (moves.length > MOST_CHUNKS) return [];
    const ends = from.pfn + from.pages - (to.pfn + to.pages);
    if (ends <= 0) b += 1;
    if (ends >= 0) a += 1;
  }
  return moves;
}

/**
 * @param {Uint32Array} before lengths by type, then order
 * @param {Uint32Array} after
 * @param {number} orders
 * @returns {Move[]} none where too much happened
 */
export function movesBetween(before, after, orders) {
  /** @type {List[]} */
  const gone = [];
  /** @type {List[]} */
  const come = [];
  for (let i = 0; i < after.length; i++) {
    const list = { type: Math.floor(i / orders), order: i % orders };
    const n = after[i] - before[i];
    if (gone.length + come.length + Math.abs(n) > MOST_CHUNKS) return [];
    for (let k = 0; k < Math.abs(n); k++) (n > 0 ? come : gone).push(list);
  }
  /** @type {Move[]} */
  const moves = [];
  for (const to of [...come]) {
    const from = take(gone, ({ order }) => order === to.order);
    if (!from) continue;
    take(come, (list) => list === to);
    moves.push({ from: [from], to: [to], block: false });
  }
  for (const to of descending(come)) {
    const from = parts(gone, to);
    if (from.length === 0) continue;
    take(come, (list) => list === to);
    moves.push({ from, to: [to], block: pages(from) < 2 ** to.order });
  }
  for (const from of descending(gone)) {
    const to = parts(come, from);
    take(gone, (list) => list === from);
    moves.push({ from: [from], to, block: pages(to) < 2 ** from.order });
  }
  for (const to of come) moves.push({ from: [], to: [to], block: true });
  return moves;
}

/**
 * Chunks that together are at most one of this list, its own type first.
 * @param {List[]} lists those found are taken out
 * @param {List} whole
 */
function parts(lists, whole) {
  /** @type {List[]} */
  const found = [];
  let room = 2 ** whole.order;
  for (const own of [true, false]) {
    for (const list of descending(lists)) {
      const fits = list.order < whole.order && 2 ** list.order <= room && (list.type === whole.type) === own;
      if (!fits) continue;
      found.push(list);
      take(lists, (one) => one === list);
      room -= 2 ** list.order;
    }
  }
  return found;
}

/** @param {readonly List[]} lists */
function descending(lists) {
  return [...lists].sort((a, b) => b.order - a.order);
}

/** @param {readonly List[]} lists */
function pages(lists) {
  return lists.reduce((sum, { order }) => sum + 2 ** order, 0);
}

/**
 * @param {List[]} lists
 * @param {(list: List) => boolean} fits
 */
function take(lists, fits) {
  const at = lists.findIndex(fits);
  return at < 0 ? null : lists.splice(at, 1)[0];
}
