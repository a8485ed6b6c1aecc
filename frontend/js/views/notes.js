// Sentences that the page must show about this zone: what an import could not know, what a small zone means.

import { byId, setText } from '../draw/dom.js';

/** @typedef {import('../state/lab.js').Lab} Lab */

/** @param {Lab} lab */
export function mountNotes(lab) {
  const notes = byId('notes', HTMLElement);
  lab.state.watch((state) => {
    const all = state ? [state.zone.grouping_note, ...state.notes, ...(state.source?.notes ?? [])].filter((note) => note) : [];
    const distinct = [...new Set(all)];
    notes.hidden = distinct.length === 0;
    setText(byId('notes-summary', HTMLElement), distinct.length === 1 ? String(distinct[0]) : `${distinct.length} notes on this zone`);
    const rest = byId('notes-list', HTMLElement);
    rest.replaceChildren(...(distinct.length > 1 ? distinct : []).map((note) => {
      const item = document.createElement('li');
      item.textContent = String(note);
      return item;
    }));
  });
}
