// The model table as it stands on the page: a row for each question, a column for each kernel and one's own.

import { OWN } from '../state/models.js';
import { make, setText } from './dom.js';
import { keepStop, roving } from './roving.js';

/**
 * @typedef {import('../state/models.js').ModelTable} ModelTable
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {{left: string, right: string, only: boolean}} Comparison
 * @typedef {{td: HTMLTableCellElement, button: HTMLButtonElement, mark: HTMLElement, words: HTMLElement, heard: HTMLElement, reason: HTMLElement|null}} Cell
 */

const SHOWN = 'tr:not([hidden]) > td:not([hidden]) > button';

export class ModelGrid {
  /**
   * @param {HTMLElement} region scrolls
   * @param {ModelTable} table
   * @param {(model: string, column: string) => void} opened a cell has the focus, or was pressed
   * @param {() => void} entered Enter on a cell of one's own
   */
  constructor(region, table, opened, entered) {
    this.region = region;
    this.table = table;
    this.models = [...table.models.keys(), OWN];
    /** @type {Map<string, {row: HTMLTableRowElement, cells: Map<string, Cell>}>} by column of the model table */
    this.rows = new Map();
    /** @type {Map<string, HTMLTableCellElement>} */
    this.heads = new Map(this.models.map((model) => [model, make('th', { text: model || 'Your own', attributes: { scope: 'col' }, data: { model }, test: `models-head-${model || 'own'}` })]));
    const head = make('tr', {}, make('th', { text: 'Question', class: 'question', attributes: { scope: 'col' } }), ...this.heads.values());
    this.bodies = table.told.sections.map((section) => make('tbody', {},
      make('tr', { class: 'section' }, make('th', { attributes: { scope: 'rowgroup' } }, make('span', { text: section.title }))),
      ...section.columns.map((column) => this.#row(column))));
    this.element = make('table', { class: 'models-grid' }, make('caption', { class: 'unseen', text: 'Every question on which kernels part, and each kernel’s answer' }), make('thead', {}, head), ...this.bodies);
    region.replaceChildren(this.element);
    roving(this.element, SHOWN, { across: () => this.models.length - this.hidden });
    this.hidden = 0;
    const of = (/** @type {Event} */ event) => (event.target instanceof HTMLElement ? event.target.closest('td') : null);
    this.element.addEventListener('focusin', (event) => {
      const td = of(event);
      if (td) opened(td.dataset.model ?? OWN, td.dataset.column ?? '');
    });
    this.element.addEventListener('click', (event) => {
      const td = of(event);
      if (!td) return;
      opened(td.dataset.model ?? OWN, td.dataset.column ?? '');
      // A press of the Enter key comes without a pointer.
      if (td.dataset.model === OWN && /** @type {MouseEvent} */ (event).detail === 0) entered();
    });
  }

  /** @param {import('../types.js').ModelColumn} column */
  #row(column) {
    const cells = new Map(this.models.map((model) => [model, this.#cell(model, column.name)]));
    const row = make('tr', { data: { column: column.name } },
      make('th', { class: 'question', attributes: { scope: 'row' } }, make('span', { text: column.words }), make('code', { text: column.site })),
      ...[...cells.values()].map(({ td }) => td));
    this.rows.set(column.name, { row, cells });
    return row;
  }

  /** @param {string} model @param {string} column @returns {Cell} */
  #cell(model, column) {
    const mark = make('span', { class: 'mark', attributes: { 'aria-hidden': 'true' } });
    const words = make('span');
    const heard = make('span', { class: 'unseen' });
    const button = make('button', { attributes: { type: 'button', tabindex: '-1' }, test: `cell-${model || 'own'}-${column}` }, mark, words, heard);
    const reason = model === OWN ? make('em', { class: 'reason' }) : null;
    const td = make('td', { data: { model, column } }, button, ...(reason ? [reason] : []));
    return { td, button, mark, words, heard, reason };
  }

  /**
   * @param {Draft} draft
   * @param {Comparison} comparison
   * @param {boolean} narrow room for the two compared only
   * @returns {string[]} columns in which the two part
   */
  show(draft, comparison, narrow) {
    const { table } = this;
    const { left, right, only } = comparison;
    const parts = new Set(table.parts(table.valuesOf(left, draft), table.valuesOf(right, draft)));
    const refused = this.#reasons(draft);
    const away = this.models.map((model) => narrow && model !== left && model !== right);
    this.hidden = away.filter(Boolean).length;
    this.models.forEach((model, i) => {
      const head = /** @type {HTMLElement} */ (this.heads.get(model));
      head.hidden = away[i];
      head.toggleAttribute('data-compared', model === left || model === right);
      const values = table.valuesOf(model, draft);
      const parent = table.parentOf(model, draft);
      for (const [column, { cells }] of this.rows) {
        const cell = /** @type {Cell} */ (cells.get(model));
        const value = values[column];
        const compared = (model === left || model === right) && parts.has(column);
        const reason = model === OWN ? refused.get(column) ?? '' : '';
        cell.td.hidden = away[i];
        setText(cell.mark, reason ? '! ' : compared ? '≠ ' : '');
        setText(cell.words, table.label(column, value));
        setText(cell.heard, compared ? `, differs from ${(model === left ? right : left) || 'your own'}` : '');
        cell.td.toggleAttribute('data-differs', compared);
        cell.td.toggleAttribute('data-new', parent !== null && parent[column] !== value);
        cell.td.toggleAttribute('data-refused', reason !== '');
        if (cell.reason) setText(cell.reason, reason);
      }
    });
    for (const [column, { row }] of this.rows) row.hidden = only && !parts.has(column);
    for (const body of this.bodies) {
      const [section, ...rows] = body.rows;
      section.cells[0].colSpan = this.models.length + 1 - this.hidden;
      body.hidden = rows.every((row) => row.hidden);
    }
    keepStop(this.element, SHOWN);
    return [...parts];
  }

  /** Why cells of one's own cannot stand, at the column that reads. @param {Draft} draft */
  #reasons(draft) {
    const broken = this.table.broken(this.table.valuesOf(OWN, draft));
    return new Map(broken.map(({ columns, reason }) => [Object.keys(columns)[0], reason]));
  }

  /** The cell whose source is on show. @param {string} model @param {string} column */
  mark(model, column) {
    for (const [name, { cells }] of this.rows) {
      for (const [of, { button }] of cells) {
        if (of === model && name === column) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
      }
    }
  }

  /** Bring a model's column into sight. @param {string} model */
  reveal(model) {
    const head = this.heads.get(model);
    const first = /** @type {HTMLElement} */ (this.element.querySelector('th.question'));
    if (!head || model === OWN) return;
    const own = /** @type {HTMLElement} */ (this.heads.get(OWN));
    const left = head.offsetLeft - first.offsetWidth;
    const right = head.offsetLeft + head.offsetWidth - (this.region.clientWidth - own.offsetWidth);
    if (this.region.scrollLeft > left) this.region.scrollLeft = left;
    else if (this.region.scrollLeft < right) this.region.scrollLeft = right;
  }

  /** @param {string} model @param {string} column */
  focus(model, column) {
    this.rows.get(column)?.cells.get(model)?.button.focus();
  }
}
