// Pages and chunks in words: what the readout says, what the key says, why a verb does not apply.

import { counted, grouped, spoken } from './format.js';
import { KIND, hasOrder, strayed } from '../state/chunks.js';
import { TYPES } from '../state/vocabulary.js';

/**
 * @typedef {import('../state/chunks.js').Chunk} Chunk
 * @typedef {import('../state/pagespan.js').PageSpan} PageSpan
 */

export const KIND_WORDS = Object.freeze(['tail', 'free', 'allocated', 'pinned', 'on pcp', 'reserved', 'offline', 'hole', 'migrating', 'half freed', 'outside the zone', 'between two places']);

/** @param {number} type */
const printed = (type) => TYPES[type]?.printed ?? '';

/**
 * A page: what it belongs to, whole.
 * @param {number} pfn
 * @param {Chunk} chunk
 * @param {PageSpan} span
 * @param {number} [blockType] -1 where it is not known
 */
export function pageWords(pfn, chunk, span, blockType = -1) {
  return `PFN ${grouped(pfn)}: ${[...body(chunk), ...place(chunk, span, blockType)].join(', ')}`;
}

/**
 * A chunk's name: where its head is, and its order.
 * @param {number} pfn of the page picked
 * @param {Chunk} chunk
 */
export function chunkName(pfn, chunk) {
  const at = hasOrder(chunk.kind) ? chunk.head : pfn;
  return `PFN ${grouped(at)}, ${KIND_WORDS[chunk.kind]}${hasOrder(chunk.kind) ? `, order ${chunk.order}` : ''}`;
}

/** What a chunk's type says of it. @param {number} kind */
function typeMeans(kind) {
  if (kind === KIND.free) return 'on';
  return kind === KIND.freeing ? 'its block’s type read as' : 'for';
}

/** @param {Chunk} chunk @returns {string[]} */
function body(chunk) {
  const kind = KIND_WORDS[chunk.kind] ?? '';
  if (chunk.kind === KIND.tail) return ['inside a chunk whose head lies before these pages'];
  if (chunk.kind === KIND.pcp) {
    const list = printed(chunk.pcpList);
    return [`on the pcp list of ${list}`, ...(chunk.type === chunk.pcpList ? [] : [`remembers ${printed(chunk.type)}`])];
  }
  if (!hasOrder(chunk.kind)) {
    return chunk.size > 1 ? [`${kind} (${counted(chunk.size, 'page')} alike from ${grouped(chunk.head)})`] : [kind];
  }
  const extent = chunk.order > 0 ? ` (${counted(chunk.size, 'page')} from ${grouped(chunk.head)})` : '';
  return [kind, `order ${chunk.order}${extent}`, `${typeMeans(chunk.kind)} ${printed(chunk.type)}`, ...(chunk.lru && chunk.kind !== KIND.free ? [`on the LRU, ${chunk.anon ? 'anonymous' : 'of a file'}`] : [])];
}

/**
 * @param {Chunk} chunk
 * @param {PageSpan} span
 * @param {number} blockType
 * @returns {string[]}
 */
function place(chunk, span, blockType) {
  const words = [];
  const astray = strayed(chunk, blockType);
  if (astray) words.push(`${astray === 'stray' ? 'stray: ' : ''}its block is ${printed(blockType)}`);
  const first = span.blockFirst;
  const end = first + span.blockPages;
  if (chunk.head >= 0 && chunk.head < first) words.push(`begins in block ${span.block - Math.ceil((first - chunk.head) / span.blockPages)}`);
  if (chunk.head >= 0 && chunk.head + chunk.size > end) words.push(`reaches into block ${span.block + Math.ceil((chunk.head + chunk.size - end) / span.blockPages)}`);
  return words;
}

/**
 * A block's pages by kind in one sentence, to be heard.
 * @param {readonly Chunk[]} chunks
 * @param {PageSpan} span
 */
export function sumWords(chunks, span) {
  const by = new Map();
  let lru = 0;
  let ofProcesses = 0;
  for (const { kind, pages, lru: onLru, anon } of chunks) {
    by.set(kind, (by.get(kind) ?? 0) + pages);
    if (onLru && kind !== KIND.free) lru += pages;
    if (anon && kind !== KIND.free) ofProcesses += pages;
  }
  const parts = [...by].filter(([kind]) => kind !== KIND.tail).sort(([a], [b]) => a - b).map(([kind, pages]) => `${spoken(pages)} ${KIND_WORDS[kind]}`);
  if (by.has(KIND.tail)) parts.push(`${spoken(by.get(KIND.tail))} in a chunk from before`);
  if (lru > 0) parts.push(`${spoken(lru)} on the LRU${ofProcesses > 0 ? `, ${spoken(ofProcesses)} of them anonymous` : ''}`);
  return `Block ${span.block}, PFN ${spoken(span.first)} to ${spoken(span.first + span.count - 1)}: ${parts.join(', ')}.`;
}

/** What can be done with a chunk, with the word on the button. */
export const CHUNK_VERBS = Object.freeze([
  { verb: 'free', word: 'Free chunk' },
  { verb: 'free_begin', word: 'Begin to free' },
  { verb: 'free_finish', word: 'Finish the free' },
  { verb: 'pin', word: 'Pin chunk' },
  { verb: 'unpin', word: 'Unpin chunk' },
]);

/**
 * Why a verb does not apply to a chunk, or '' where it does.
 * @param {string} verb
 * @param {Chunk|null} chunk
 */
export function obstacle(verb, chunk) {
  if (!chunk) return 'Pick a page first: click one, or move with the arrow keys.';
  if (chunk.kind === KIND.tail) return 'The head of its chunk lies before these pages.';
  if (verb === 'free_finish') return chunk.kind === KIND.freeing ? '' : 'Its free has not begun.';
  const inUse = chunk.kind === KIND.allocated || chunk.kind === KIND.pinned;
  const freed = verb === 'free' || verb === 'free_begin';
  if (!inUse) return `Only a chunk in use can be ${freed ? 'freed' : `${verb}ned`}; this one is ${KIND_WORDS[chunk.kind]}.`;
  if (verb === 'unpin') return chunk.kind === KIND.pinned ? '' : 'It is not pinned.';
  if (chunk.kind === KIND.pinned) return freed ? 'It is pinned: unpin it first.' : 'It is pinned already.';
  return '';
}
