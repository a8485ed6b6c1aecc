// One change of a thing, as a button that leads to it.

import { make } from './dom.js';
import { grouped } from './format.js';

/**
 * @typedef {{op: number, step: number, title: string, amount?: string, site?: string, words?: string}} ChangeRow
 */

/**
 * @param {ChangeRow} change
 * @param {boolean} here the page stands on it
 * @param {(op: number, step: number) => void} go
 */
export function changeRow(change, here, go) {
  const { op, step, title, amount, site, words } = change;
  return make('button', {
    class: 'change', test: 'change', data: { op: String(op), step: String(step) },
    title: here ? 'You stand on it' : `Go to operation ${op}, write ${step}`,
    attributes: { type: 'button', ...(here ? { 'aria-current': 'step' } : {}) },
    on: { click: () => go(op, step) },
  },
  make('span', { class: 'at', text: grouped(op) }), ' ',
  make('span', { class: 'change-title', text: title }), ' ',
  make('span', { class: 'amount', text: amount ?? '' }),
  ...(words ? [' ', make('span', { class: 'change-words' }, make('code', { text: site ?? '' }), ` ${words}`)] : []));
}

/** @param {number} n */
export function signed(n) {
  return n > 0 ? `+${grouped(n)}` : grouped(n);
}
