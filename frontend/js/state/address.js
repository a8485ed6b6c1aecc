// What a link carries: session and role, the moment if it is past, selection, zoom, what is open, and the choices that are not the usual ones.

import { CHOICES } from './prefs.js';

/**
 * @typedef {import('./prefs.js').Prefs} Prefs
 * @typedef {import('./selection.js').Range} Range
 * @typedef {import('./ui.js').Sight} Sight
 * @typedef {import('./ui.js').ListChoice} ListChoice
 * @typedef {{op: number, step: number|null, branch: number|null}} LinkMoment of step null the end of the operation; of branch null: this one
 * @typedef {{moment: LinkMoment|null, zone: string, blocks: readonly Range[], sight: Sight|null, inside: number, drawer: string|null, list: ListChoice|null,
 *   options: Record<string, unknown>}} Place
 */

const DRAWERS = Object.freeze(['steps', 'why', 'ledger', 'block', 'list', 'would', 'reclaim', 'story']);
const TYPE = /^[A-Z]{1,16}$/;
const ZONE = /^[A-Za-z0-9_-]{1,64}$/;
/** Ranges that a link carries at most: an address has no room for every box that can be drawn. */
const MOST_RANGES = 64;

/**
 * Whatever the address says that can be read; the rest is passed over.
 * @param {URLSearchParams} asked
 * @returns {Place}
 */
export function readPlace(asked) {
  const [block, zoom] = numbers(asked.get('zoom')?.replace('x', ',') ?? '');
  const [order, migratetype] = (asked.get('list') ?? '').split('-');
  const drawer = asked.get('open') ?? '';
  const list = whole(order) === null || !TYPE.test(migratetype ?? '') ? null : { order: Number(order), migratetype, pcp: false };
  const zone = asked.get('zone') ?? '';
  const op = long(asked.get('op'));
  return {
    moment: op === null ? null : { op, step: long(asked.get('step')), branch: whole(asked.get('branch')) },
    zone: ZONE.test(zone) ? zone : '',
    blocks: (asked.get('blocks') ?? '').split(',').slice(0, MOST_RANGES).flatMap(range),
    sight: block >= 0 && zoom > 1 ? { block, zoom } : null,
    inside: whole(asked.get('inside')) ?? -1,
    drawer: DRAWERS.includes(drawer) ? drawer : null,
    list,
    options: Object.fromEntries(Object.keys(CHOICES).map((name) => [name, asked.get(name)])),
  };
}

/**
 * The address of what is on show; what is as usual is left out.
 * @param {URLSearchParams} asked the address so far: session and role stay, a token goes (the cookie has it)
 * @param {Omit<Place, 'options'>} place
 * @param {Prefs} prefs
 * @returns {string} begins with "?", or empty
 */
export function writePlace(asked, place, prefs) {
  const kept = ['session', 'role'].flatMap((name) => (asked.has(name) ? [`${name}=${encodeURIComponent(asked.get(name) ?? '')}`] : []));
  const { moment, zone, blocks, sight, inside, drawer, list } = place;
  const parts = [...kept];
  if (moment) {
    parts.push(`op=${moment.op}`);
    if (moment.step !== null) parts.push(`step=${moment.step}`);
    if (moment.branch !== null) parts.push(`branch=${moment.branch}`);
  }
  if (zone) parts.push(`zone=${zone}`);
  if (blocks.length > 0 && blocks.length <= MOST_RANGES) parts.push(`blocks=${blocks.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')}`);
  if (sight) parts.push(`zoom=${sight.block}x${sight.zoom}`);
  if (inside >= 0) parts.push(`inside=${inside}`);
  if (drawer) parts.push(`open=${drawer}`);
  if (drawer === 'list' && list && !list.pcp) parts.push(`list=${list.order}-${list.migratetype}`);
  for (const [name, [usual]] of Object.entries(CHOICES)) {
    const chosen = prefs[/** @type {keyof typeof CHOICES} */ (name)];
    if (chosen !== usual) parts.push(`${name}=${chosen}`);
  }
  return parts.length ? `?${parts.join('&')}` : '';
}

/** @param {string} text "7" or "3-9" @returns {Range[]} */
function range(text) {
  const [first, last = first] = text.split('-').map(whole);
  return first === null || last === null || last < first ? [] : [[first, last]];
}

/** @param {string} text */
function numbers(text) {
  return text.split(',').map(Number);
}

/** @param {string|null|undefined} text @returns {number|null} */
function whole(text) {
  return /^\d{1,10}$/.test(text ?? '') ? Number(text) : null;
}

/** Operations are more than blocks. @param {string|null|undefined} text @returns {number|null} */
function long(text) {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : null;
}
