// Single keys. Off while somebody types, and can be switched off.

import { isTyping } from '../draw/dom.js';
import { BLOCK_VERBS } from '../actions.js';
import { ANYWHERE, ON_THE_MAP } from '../state/keymap.js';
import { prefs } from '../state/prefs.js';

/** @typedef {import('../state/keymap.js').Deed} Deed */

const SCROLLING = Object.freeze([' ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']);

/** @param {Record<Deed, () => void> & {act: (verb: string) => void, map: HTMLElement}} does */
export function mountKeys(does) {
  const table = (/** @type {readonly import('../state/keymap.js').Key[]} */ rows) =>
    new Map(rows.flatMap((row) => (row.does ? (row.keys ?? []).map((key) => /** @type {const} */ ([key, /** @type {Deed} */ (row.does)])) : [])));
  const anywhere = table(ANYWHERE);
  const onMap = table(ON_THE_MAP);
  const verbs = new Map(BLOCK_VERBS.filter(({ key }) => key).map(({ verb, key }) => [key, verb]));
  document.addEventListener('keydown', (event) => {
    if (!prefs.value.keys || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') || usedThere(document.activeElement, event.key)) return;
    const there = does.map.contains(document.activeElement);
    const verb = there ? verbs.get(event.key) : undefined;
    const deed = (there ? onMap.get(event.key) : undefined) ?? anywhere.get(event.key);
    if (verb) does.act(verb);
    else if (deed) does[deed]();
    else return;
    event.preventDefault();
  });
}

/**
 * Keys that what has the focus needs for itself: a button is pressed, a choice made, a text scrolled.
 * @param {Element|null} element
 * @param {string} key
 */
function usedThere(element, key) {
  if (!element) return false;
  if (element.matches('button, summary')) return key === ' ' || (SCROLLING.includes(key) && element.closest('.matrix, .tabpanel') !== null);
  return SCROLLING.includes(key) && element.closest('input, .matrix, .tabpanel') !== null;
}
