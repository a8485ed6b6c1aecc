// A chart's numbers as a table: rows stay where they are and change their words, so that a reader keeps the place.

import { make, setText } from './dom.js';
import { keepStop, roving } from './roving.js';

/** @typedef {{show: (caption: string, rows: readonly (readonly string[])[], chosen?: (row: number) => boolean) => void, scrolled: () => boolean}} DataTable */

/**
 * @param {HTMLElement} region scrolls, by keyboard too
 * @param {string} label
 * @param {readonly string[]} columns the first one names the row
 * @param {(row: number) => void} [pick] makes a button of each row's name
 * @returns {DataTable}
 */
export function dataTable(region, label, columns, pick) {
  const caption = make('caption');
  const body = make('tbody');
  const head = make('tr', {}, ...columns.map((text) => make('th', { text, attributes: { scope: 'col' } })));
  region.tabIndex = 0;
  region.setAttribute('role', 'region');
  region.setAttribute('aria-label', label);
  region.replaceChildren(make('table', {}, caption, make('thead', {}, head), body));

  const fresh = () => {
    const name = make('th', { attributes: { scope: 'row' } });
    if (pick) name.append(make('button', { attributes: { type: 'button' } }));
    return make('tr', {}, name, ...columns.slice(1).map(() => make('td')));
  };
  if (pick) {
    roving(body, 'button', { across: () => 1 });
    body.addEventListener('click', (event) => {
      const row = event.target instanceof HTMLElement && event.target.closest('button') ? event.target.closest('tr') : null;
      if (row) pick(row.sectionRowIndex);
    });
  }

  return {
    show(words, rows, chosen) {
      setText(caption, words);
      const focused = body.contains(document.activeElement);
      while (body.rows.length < rows.length) body.append(fresh());
      while (body.rows.length > rows.length) body.deleteRow(-1);
      rows.forEach((texts, i) => {
        const row = body.rows[i];
        texts.forEach((text, column) => setText(/** @type {HTMLElement} */ (column === 0 && pick ? row.cells[0].firstChild : row.cells[column]), text));
        if (chosen) row.toggleAttribute('data-chosen', chosen(i));
      });
      if (pick) keepStop(body, 'button');
      if (focused && !body.contains(document.activeElement)) region.focus();
    },
    scrolled: () => region.scrollTop > 0,
  };
}
