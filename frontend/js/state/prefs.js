// The reader's own choices, kept in the browser.

import { Atom } from './store.js';

/** @typedef {{unit: 'pages'|'MiB', theme: 'system'|'dark'|'light'|'contrast', size: 'auto'|'normal'|'large', keys: boolean}} Prefs */

const PLACE = 'zonescope.prefs';
/** @type {Prefs} */
const DEFAULTS = { unit: 'pages', theme: 'system', size: 'auto', keys: true };

export const prefs = new Atom(read());

/** @param {Partial<Prefs>} change */
export function prefer(change) {
  prefs.set({ ...prefs.value, ...change });
  try {
    localStorage.setItem(PLACE, JSON.stringify(prefs.value));
  } catch {
    // A browser that keeps nothing still shows the choice until it is closed.
  }
}

/** @returns {Prefs} */
function read() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(PLACE) ?? '{}') };
  } catch {
    return DEFAULTS;
  }
}
