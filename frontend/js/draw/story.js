// A demonstration in words: which step, what the books say after it, and where they parted.

import { counted, grouped } from './format.js';

/**
 * @typedef {import('../types.js').Demonstration} Demonstration
 * @typedef {import('../types.js').StoryResult} StoryResult
 * @typedef {import('../types.js').Breach} Breach
 * @typedef {import('../types.js').StoryNode} StoryNode
 */

/** @param {Demonstration} story */
export function countWords({ steps, results, over }) {
  const taken = results.length - 1;
  if (taken === 0) return `${counted(steps.length, 'step')}`;
  return `step ${taken} of ${steps.length}${over ? ', the end' : ''}`;
}

/**
 * The sentence of the step that was taken last.
 * @param {Demonstration} story
 * @param {string} question what the demonstration asks: said before the first step
 */
export function sayWords({ steps, results }, question) {
  const taken = results.length - 1;
  if (taken === 0) return question;
  const { refused, words, node } = results[taken];
  if (refused) return `${steps[taken - 1]} It could not be done: ${refused}.`;
  return node && words ? `${steps[taken - 1]} ${capitalised(words)}.` : steps[taken - 1];
}

/** As a sentence begins; a kernel's own names keep their letters. @param {string} words */
const capitalised = (words) => (/^(kswapd|pfn)/.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1));

/**
 * Who counts what on a node, who sleeps, who was killed.
 * @param {StoryNode} node
 */
export function nodeWords({ zones, kswapd_awake: awake, oom_kills: kills }) {
  const counts = zones.map(({ zone, nr_free_pages: free, usable }) => `${zone} counts ${grouped(free)} free, can give ${grouped(usable)}`);
  return `${counts.join('; ')}; kswapd is ${awake ? 'awake' : 'asleep'}; processes killed: ${grouped(kills)}`;
}

/**
 * What became of the books up to now.
 * @param {Demonstration} story
 */
export function booksWords({ results, over }) {
  const taken = results.length - 1;
  const at = results.findIndex((result) => result.broke.length > 0);
  if (at < 0) return over ? `What this model aims at held to the end.` : '';
  const told = foremost(results[at].broke);
  const numbers = told.map(breachWords).join('; ');
  const [first] = told;
  if (at === taken) return `The books part here, at operation ${grouped(first.op)}. ${numbers}.`;
  return `The books parted in step ${at}, at operation ${grouped(first.op)}. ${numbers} then.`;
}

/** The identities that speak plainest, first those of NR_FREE_PAGES; what only follows from another is left out. */
const PLAINEST = Object.freeze(['I3', 'I1x', 'I1', 'I2', 'I2x', 'I4']);
const TOLD = 2;
const FOLLOWS = /** @type {Record<string, string[]>} */ ({ I2x: ['I3'], I4: ['I1', 'I1x', 'I2', 'I2x', 'I3'] });

/** @param {readonly Breach[]} broke */
function foremost(broke) {
  const names = broke.map(({ identity }) => identity);
  const rank = (/** @type {Breach} */ { identity }) => (PLAINEST.includes(identity) ? PLAINEST.indexOf(identity) : PLAINEST.length);
  return broke.filter(({ identity }) => !(FOLLOWS[identity] ?? []).some((name) => names.includes(name)))
    .sort((a, b) => rank(a) - rank(b)).slice(0, TOLD);
}

/** @param {Breach} breach */
function breachWords({ identity, order, expected, got }) {
  const place = order === null ? '' : ` at order ${order}`;
  return `${identity}${place}: expected ${grouped(expected ?? NaN)}, got ${grouped(got ?? NaN)}`;
}

/**
 * nr_free as stored; where it is not what the lists hold, both.
 * @param {StoryResult} result
 */
export function nrFreeWords({ nr_free: stored, listed }) {
  const row = (/** @type {number[]} */ numbers) => numbers.map(grouped).join(' ');
  const same = stored.every((n, order) => n === listed[order]);
  return same ? row(stored) : `${row(stored)} ≠ ${row(listed)}`;
}
