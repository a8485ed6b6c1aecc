// The drawer from the right, over the free lists: one tab at a time, Escape closes it.

import { byId } from '../draw/dom.js';
import { roving, stopAt } from '../draw/roving.js';

/** @typedef {import('../state/ui.js').Ui} Ui */

const TABS = /** @type {const} */ (['steps', 'why', 'ledger', 'block', 'list', 'would', 'reclaim', 'story']);

/** A drawer that is lower than this shows too little. */
const LEAST_PX = 260;
const TAB = '[role="tab"]:not([hidden])';

/** @param {Ui} ui */
export function mountDrawer(ui) {
  const drawer = byId('drawer', HTMLElement);
  const opener = byId('steps-button', HTMLButtonElement);
  const books = byId('books', HTMLElement);
  const tabs = /** @type {HTMLElement} */ (drawer.querySelector('[role="tablist"]'));
  /** What had the focus when the drawer opened: it gets it back. @type {HTMLElement} */
  let before = opener;
  for (const tab of TABS) byId(`tab-${tab}`, HTMLButtonElement).addEventListener('click', () => ui.drawer.set(tab));
  byId('drawer-close', HTMLButtonElement).addEventListener('click', () => ui.drawer.set(null));
  opener.addEventListener('click', () => ui.drawer.set(ui.drawer.value === 'steps' ? null : 'steps'));
  drawer.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') ui.drawer.set(null);
  });
  roving(tabs, TAB, { moved: (tab) => tab.click() });

  ui.drawer.watch((open) => {
    const opens = open !== null && drawer.hidden;
    const inside = drawer.contains(document.activeElement);
    const from = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : opener;
    if (opens) before = from;
    drawer.hidden = open === null;
    opener.setAttribute('aria-expanded', String(open === 'steps'));
    for (const tab of TABS) {
      byId(`tab-${tab}`, HTMLElement).setAttribute('aria-selected', String(tab === open));
      byId(`drawer-${tab}`, HTMLElement).hidden = tab !== open;
    }
    stopAt(tabs, TAB, tabs.querySelector('[aria-selected="true"]'));
    place();
    // Who opened it by a key goes on in it; a pointer stays where it is.
    if (opens && from.matches(':focus-visible')) byId(`tab-${open}`, HTMLElement).focus();
    else if (open === null && inside) (before.offsetParent ? before : opener).focus();
  });

  /** The books stay in sight: the drawer begins under them, unless there is next to no room. */
  function place() {
    const wide = matchMedia('(min-width: 1200px)').matches;
    const at = books.getBoundingClientRect();
    const top = innerHeight - at.bottom < LEAST_PX ? at.top : at.bottom;
    drawer.style.top = wide ? `${Math.round(top)}px` : '';
    drawer.style.width = wide ? `${Math.round(at.width)}px` : '';
  }
  new ResizeObserver(place).observe(books);
  window.addEventListener('resize', place);
}
