// The reader's own choices, kept in the browser. A link that carries some has them for this visit.

import { Atom } from './store.js';

/**
 * @typedef {{unit: 'pages'|'MiB', theme: 'system'|'dark'|'light'|'contrast', size: 'auto'|'normal'|'large', keys: boolean,
 *   count: 'chunks'|'pages', lists: 'bars'|'numbers', scale: 'linear'|'log', map: 'picture'|'table', history: 'chart'|'table'}} Prefs
 *   count, lists and scale are the free lists': what is counted, how it is shown, on which axis
 */

const PLACE = 'zonescope.prefs';

/** What each choice may be, the first being the one that nobody made. */
export const CHOICES = Object.freeze({
  unit: ['pages', 'MiB'],
  theme: ['system', 'dark', 'light', 'contrast'],
  size: ['auto', 'normal', 'large'],
  count: ['chunks', 'pages'],
  lists: ['bars', 'numbers'],
  scale: ['linear', 'log'],
  map: ['picture', 'table'],
  history: ['chart', 'table'],
});

export const prefs = new Atom(/** @type {Prefs} */ (checked(kept())));

/** @param {Partial<Prefs>} change kept for the next visit too */
export function prefer(change) {
  prefs.set({ ...prefs.value, ...change });
  try {
    localStorage.setItem(PLACE, JSON.stringify(prefs.value));
  } catch {
    // A browser that keeps nothing still shows the choice until it is closed.
  }
}

/** @param {Record<string, unknown>} choices of a link: nothing is kept of them, and what is no choice is passed over */
export function preferForNow(choices) {
  const given = Object.entries(CHOICES).filter(([name, allowed]) => allowed.includes(String(choices[name])));
  if (given.length) prefs.set({ ...prefs.value, ...Object.fromEntries(given.map(([name]) => [name, choices[name]])) });
}

/**
 * Every choice, what is no choice being as if nobody had made it.
 * @param {Record<string, unknown>} read
 */
function checked(read) {
  const choices = Object.entries(CHOICES).map(([name, allowed]) => [name, allowed.includes(String(read[name])) ? read[name] : allowed[0]]);
  return /** @type {Prefs} */ ({ ...Object.fromEntries(choices), keys: read.keys !== false });
}

/** @returns {Record<string, unknown>} */
function kept() {
  try {
    return Object(JSON.parse(localStorage.getItem(PLACE) ?? '{}'));
  } catch {
    return {};
  }
}
