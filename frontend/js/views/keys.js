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
    if (!prefs.value.keys || event.defaultPrevented || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]') || usedThere(document.activeElement, event.key)) return;
    const there = does.map.contains(document.activeElement);
    const key = named(event);
    const verb = there ? verbs.get(key) : undefined;
    const deed = (there ? onMap.get(key) : undefined) ?? anywhere.get(key);
    if (verb) does.act(verb);
    else if (deed) does[deed]();
    else return;
    event.preventDefault();
  });
}

/**
 * A key with what is held beside it; Shift counts only where it does not make another sign.
 * @param {KeyboardEvent} event
 */
function named({ key, ctrlKey, metaKey, shiftKey }) {
  const shift = shiftKey && (key.length > 1 || ctrlKey || metaKey) ? 'Shift+' : '';
  return ctrlKey || metaKey ? `Ctrl+${shift}${key.toLowerCase()}` : `${shift}${key}`;
}

/**
 * Keys that what has the focus needs for itself: a button is pressed, a choice made, a text scrolled.
 * @param {Element|null} element
 * @param {string} key
 */
function usedThere(element, key) {
  // A field in a menu just closed has the focus until the next frame.
  if (!element?.checkVisibility()) return false;
  // A tab's words scroll up and down alone; what lies across it has its own keys.
  if (element.closest('.tabpanel') && !element.closest('input, select, .matrix') && (key === 'ArrowLeft' || key === 'ArrowRight')) return false;
  if (element.matches('button, summary')) return key === ' ' || (SCROLLING.includes(key) && element.closest('.matrix, .tabpanel') !== null);
  return SCROLLING.includes(key) && element.closest('input, .matrix, .tabpanel') !== null;
}
