// Calm words at the corner: what others did, what cannot be shown elsewhere.

import { byId, make } from '../draw/dom.js';

/** @typedef {import('../state/ui.js').Ui} Ui */

/** @param {Ui} ui */
export function mountNotices(ui) {
  const list = byId('notices', HTMLElement);
  ui.notices.watch((notices) => {
    list.replaceChildren(...notices.map(({ id, kind, text }) => make('div', { class: 'notice', test: 'notice', data: { kind } },
      make('p', { class: kind === 'error' ? 'error' : '', text }),
      make('button', { text: 'Close', attributes: { type: 'button' }, on: { click: () => ui.unsay(id) } }))));
  });
}
