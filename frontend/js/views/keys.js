// Single keys. Off while somebody types, and can be switched off.

import { isTyping } from '../draw/dom.js';
import { BLOCK_VERBS } from '../actions.js';
import { prefs } from '../state/prefs.js';

/**
 * @param {{toggle: () => void, step: () => void, faster: () => void, slower: () => void, help: () => void,
 *   alloc: () => void, act: (verb: string) => void, pages: () => void, map: HTMLElement}} does
 */
export function mountKeys(does) {
  const verbs = new Map(BLOCK_VERBS.filter(({ key }) => key).map(({ verb, key }) => [key, verb]));
  document.addEventListener('keydown', (event) => {
    if (!prefs.value.keys || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    const onMap = does.map.contains(document.activeElement);
    const onButton = document.activeElement instanceof HTMLButtonElement;
    const verb = verbs.get(event.key);
    if (onMap && verb) does.act(verb);
    else if (onMap && event.key === 'a') does.alloc();
    else if (onMap && event.key === 'p') does.pages();
    // Space on a button presses it; anywhere else it runs and pauses.
    else if (event.key === ' ' && !onButton) does.toggle();
    // Clickers send PageDown.
    else if (event.key === 'ArrowRight' || event.key === 'PageDown') does.step();
    else if (event.key === '+' || event.key === '=') does.faster();
    else if (event.key === '-') does.slower();
    else if (event.key === '?') does.help();
    else return;
    event.preventDefault();
  });
}
