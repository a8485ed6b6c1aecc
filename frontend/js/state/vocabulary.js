// Names, letters and plain words for the field's terms.

/**
 * @typedef {import('../types.js').Migratetype} Migratetype
 * @typedef {{name: Migratetype, printed: string, letter: string, variable: string}} TypeWords
 */

/**
 * By index in frames. `variable` is the colour's name in css/tokens.css.
 * @type {readonly TypeWords[]}
 */
export const TYPES = Object.freeze([
  { name: 'UNMOVABLE', printed: 'Unmovable', letter: 'U', variable: '--mt-unmovable' },
  { name: 'RECLAIMABLE', printed: 'Reclaimable', letter: 'E', variable: '--mt-reclaimable' },
  { name: 'MOVABLE', printed: 'Movable', letter: 'M', variable: '--mt-movable' },
  { name: 'RESERVE', printed: 'Reserve', letter: 'R', variable: '--mt-reserve' },
  { name: 'HIGHATOMIC', printed: 'HighAtomic', letter: 'H', variable: '--mt-highatomic' },
  { name: 'CMA', printed: 'CMA', letter: 'C', variable: '--mt-cma' },
  { name: 'ISOLATE', printed: 'Isolate', letter: 'I', variable: '--mt-isolate' },
]);

export const ISOLATE = 6;

/** @param {string} name */
export function printedName(name) {
  return TYPES.find((type) => type.name === name)?.printed ?? name;
}

/** Four bytes of a cell. */
export const CELL = {
  /** @param {number} cell */ type: (cell) => cell & 0x7f,
  /** @param {number} cell */ mixed: (cell) => (cell & 0x80) !== 0,
  /** Free share, 0…255. @param {number} cell */ share: (cell) => (cell >>> 8) & 0xff,
  /** @param {number} cell */ flags: (cell) => (cell >>> 16) & 0xff,
  /** @param {number} cell */ more: (cell) => cell >>> 24,
};

export const FLAG = { isolate: 1, offline: 2, reserved: 4, pcp: 8, pinned: 16, straddled: 32, stray: 64, hole: 128 };
export const MORE = { allOffline: 1, allReserved: 2, unmovable: 4, lru: 8, allocated: 16 };

/**
 * A cell in words.
 * @param {number} cell
 */
export function cellWords(cell) {
  const { type, free, flags } = cellParts(cell);
  return [type, free, ...flags].filter(Boolean).join(' · ');
}

/**
 * @param {number} cell
 * @returns {{type: string, free: string, flags: string[]}} an offline cell has no type: nothing of it is in use or free
 */
export function cellParts(cell) {
  const flags = CELL.flags(cell);
  const more = CELL.more(cell);
  if (more & MORE.allOffline) return { type: '', free: '', flags: ['offline'] };
  const { printed } = TYPES[CELL.type(cell)];
  /** @type {string[]} */
  const words = [];
  if (flags & FLAG.isolate && CELL.type(cell) !== ISOLATE) words.push('an isolated block inside');
  if (flags & FLAG.offline) words.push('offline pages');
  if (flags & FLAG.reserved && !(more & MORE.allReserved)) words.push('reserved pages');
  if (flags & FLAG.pcp) words.push('pages on a pcp list');
  if (flags & FLAG.pinned) words.push('pinned pages');
  if (flags & FLAG.straddled) words.push('a chunk crosses its border');
  if (flags & FLAG.stray) words.push('stray: free pages on the wrong side of ISOLATE');
  if (flags & FLAG.hole) words.push('a hole');
  return {
    type: CELL.mixed(cell) ? `mostly ${printed}` : printed,
    free: more & MORE.allReserved ? 'nothing but reserved pages or holes' : shareWords(CELL.share(cell)),
    flags: words,
  };
}

/** @param {number} share 0…255; the ends mean exactly none and exactly all. */
function shareWords(share) {
  if (share === 0) return 'full';
  if (share === 255) return 'all free';
  return `${Math.min(99, Math.max(1, Math.round((share / 255) * 100)))} % free`;
}

/** What an identity says. */
export const IDENTITIES = /** @type {Record<string, string>} */ ({
  'I1': 'nr_free of each order is the length of its lists',
  'I1x': 'nr_free of each order is the length of its lists, ISOLATE left out',
  'I2': 'NR_FREE_PAGES is Σ nr_free · 2^order',
  'I2x': 'Σ nr_free · 2^order less NR_FREE_PAGES is what the ISOLATE lists hold',
  'I3': 'NR_FREE_PAGES is the pages on lists other than ISOLATE',
  'I4': 'no counter is below zero',
  'I5': 'each free chunk is on the list of its block’s type',
  'I5-iso': 'no page of an isolated block is on another list, and none of another block on ISOLATE',
  'I5-full': 'each free chunk is on the list of the type of every block it covers',
  'I6': 'every page is accounted for: listed, on pcp, allocated, offline or reserved',
});

/** First hover on a term explains it. */
export const GLOSSARY = /** @type {Record<string, string>} */ ({
  'NR_FREE_PAGES': 'The zone’s counter of free pages: what watermarks, kswapd and /proc/zoneinfo go by.',
  'sum': 'Each order’s nr_free times its pages, added up: what /proc/buddyinfo shows.',
  'usable': 'Pages on lists that an allocation can be served from: every list but ISOLATE.',
  'isolated': 'Free pages on the ISOLATE lists: free, and not to be had.',
  'stray': 'Free pages on a list on the other side of ISOLATE than their block.',
  'pcp': 'Pages a CPU keeps at hand; on no free list, counted nowhere.',
  'allocated': 'Pages in use.',
  'offline': 'Pages taken out of the zone by offline_pages.',
  'reserved': 'Pages the boot kept back from the allocator.',
  'cma': 'Free pages on the CMA lists.',
  'present': 'Pages that exist: the span less its holes.',
  'managed': 'Pages the allocator was given.',
  'pageblock': 'The unit that has a migratetype: 2^pageblock_order pages.',
  'watermark': 'MIN, LOW and HIGH: how many free pages the zone must keep for a request to pass, and when kswapd wakes and rests.',
});
