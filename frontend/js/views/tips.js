// What a term means, and the whole of a text that is cut: one element shows it, under pointer and focus alike.

import { byId } from '../draw/dom.js';

/** How far up from what was pointed at a cut text is looked for: a word in it, or its element. */
const LEVELS = 3;

export function mountTips() {
  const tip = byId('tip', HTMLElement);
  const show = (/** @type {Event} */ event) => {
    const { target } = event;
    const term = target instanceof HTMLElement ? target.closest('[data-tip]') ?? cut(target) : null;
    const words = term instanceof HTMLElement ? term.dataset.tip ?? term.innerText : '';
    tip.hidden = !words;
    if (!words || !term) return;
    tip.textContent = words;
    const at = term.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
    tip.style.top = `${at.bottom + size.height + 8 < innerHeight ? at.bottom + 4 : at.top - size.height - 4}px`;
  };
  const hide = () => { tip.hidden = true; };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('focusout', hide);
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
}

/**
 * The element at or over this one whose text ends in an ellipsis, if any.
 * @param {HTMLElement} target
 */
function cut(target) {
  /** @type {HTMLElement|null} */
  let element = target;
  for (let level = 0; element && level < LEVELS; level++, element = element.parentElement) {
    const { textOverflow, webkitLineClamp } = getComputedStyle(element);
    if (textOverflow === 'ellipsis' && element.scrollWidth > element.clientWidth) return element;
    if (webkitLineClamp !== 'none' && element.scrollHeight > element.clientHeight + 1) return element;
  }
  return null;
}
