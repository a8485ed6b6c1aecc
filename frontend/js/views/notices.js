// Calm words at the corner: what others did, what cannot be shown elsewhere.

import { byId, make } from '../draw/dom.js';

/**
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../state/ui.js').Notice} Notice
 */

/** @param {Ui} ui */
export function mountNotices(ui) {
  const list = byId('notices', HTMLElement);
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();
  /** Where the focus was before it came here: it goes back when the last notice is closed. @type {EventTarget|null} */
  let before = null;
  list.addEventListener('focusin', (event) => {
    if (!(event.relatedTarget instanceof Node && list.contains(event.relatedTarget))) before = event.relatedTarget;
  });

  /** @param {Notice} notice */
  const element = ({ id, kind, text }) => make('div', { class: 'notice', test: 'notice', data: { kind } },
    kind === 'hang' ? make('div', {}, make('b', { text: '∞ It never returns' }), make('p', { text })) : make('p', { class: kind === 'error' ? 'error' : '', text }),
    make('button', { text: 'Close', attributes: { type: 'button' }, on: { click: () => ui.unsay(id) } }));

  ui.notices.watch((notices) => {
    const focused = list.contains(document.activeElement);
    for (const [id, gone] of shown) {
      if (notices.some((notice) => notice.id === id)) continue;
      gone.remove();
      shown.delete(id);
    }
    for (const notice of notices) {
      if (shown.has(notice.id)) continue;
      const fresh = element(notice);
      shown.set(notice.id, fresh);
      list.append(fresh);
    }
    if (!focused || list.contains(document.activeElement)) return;
    const next = list.querySelector('button') ?? before;
    if (next instanceof HTMLElement) next.focus();
  });
}
