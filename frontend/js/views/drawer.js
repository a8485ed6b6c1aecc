// The drawer from the right, over the free lists: one tab at a time, Escape closes it.

import { byId } from '../draw/dom.js';

/** @typedef {import('../state/ui.js').Ui} Ui */

const TABS = /** @type {const} */ (['steps', 'block', 'list', 'story']);

/** @param {Ui} ui */
export function mountDrawer(ui) {
  const drawer = byId('drawer', HTMLElement);
  const opener = byId('steps-button', HTMLButtonElement);
  const books = byId('books', HTMLElement);
  for (const tab of TABS) byId(`tab-${tab}`, HTMLButtonElement).addEventListener('click', () => ui.drawer.set(tab));
  byId('drawer-close', HTMLButtonElement).addEventListener('click', () => ui.drawer.set(null));
  opener.addEventListener('click', () => ui.drawer.set(ui.drawer.value === 'steps' ? null : 'steps'));
  drawer.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    ui.drawer.set(null);
    opener.focus();
  });

  ui.drawer.watch((open) => {
    drawer.hidden = open === null;
    opener.setAttribute('aria-expanded', String(open === 'steps'));
    for (const tab of TABS) {
      byId(`tab-${tab}`, HTMLElement).setAttribute('aria-selected', String(tab === open));
      byId(`drawer-${tab}`, HTMLElement).hidden = tab !== open;
    }
    place();
  });

  /** The books stay in sight: the drawer begins under them. */
  function place() {
    const wide = matchMedia('(min-width: 1200px)').matches;
    const at = books.getBoundingClientRect();
    drawer.style.top = wide ? `${Math.round(at.bottom)}px` : '';
    drawer.style.width = wide ? `${Math.round(at.width)}px` : '';
  }
  new ResizeObserver(place).observe(books);
  window.addEventListener('resize', place);
}
