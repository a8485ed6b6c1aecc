// A model of one's own: what it is made from, the patch's hunks, how it differs, and what may be done with it.

import { OWN } from '../state/models.js';
import { byId, make, setText } from './dom.js';
import { setReasons } from './modelcell.js';

/**
 * @typedef {import('../state/models.js').ModelTable} ModelTable
 * @typedef {import('../types.js').Draft} Draft
 */

export class ModelOwn {
  /**
   * @param {ModelTable} table
   * @param {(draft: Draft) => void} changed
   * @param {() => Draft} draft
   */
  constructor(table, changed, draft) {
    this.table = table;
    this.name = byId('own-name', HTMLInputElement);
    this.parent = byId('own-parent', HTMLSelectElement);
    this.hunks = byId('own-hunks', HTMLElement);
    this.diff = byId('own-diff', HTMLElement);
    this.count = byId('own-count', HTMLElement);
    this.reasons = byId('own-reasons', HTMLElement);
    this.run = byId('own-run', HTMLButtonElement);
    this.name.maxLength = table.told.name_max;
    this.name.addEventListener('input', () => changed({ ...draft(), name: this.name.value }));
    this.parent.replaceChildren(...[...table.models.keys()].map((name) => make('option', { text: name, attributes: { value: name } })));
    this.parent.addEventListener('change', () => changed(table.moved(draft(), this.parent.value)));
    /** @type {Map<string, HTMLInputElement>} */
    this.switches = new Map(Object.keys(table.told.hunks).map((hunk) => [hunk, make('input', {
      attributes: { type: 'checkbox', role: 'switch' }, test: `hunk-${hunk}`,
      on: { change: () => changed(table.withHunk(draft(), hunk, this.switches.get(hunk)?.checked ?? false)) },
    })]));
    this.hunks.append(...[...this.switches].map(([hunk, box]) => make('label', { title: table.told.hunks[hunk].why }, box, make('code', { text: hunk }))));
    this.diff.addEventListener('click', (event) => {
      const back = event.target instanceof HTMLElement ? event.target.closest('button') : null;
      if (!back?.dataset.column) return;
      const parent = table.valuesOf(draft().parent, draft());
      changed(table.changed(draft(), { [back.dataset.column]: parent[back.dataset.column] }));
      this.run.focus();
    });
  }

  /** @param {Draft} draft */
  show(draft) {
    const { table } = this;
    const values = table.valuesOf(OWN, draft);
    if (this.name.value !== draft.name) this.name.value = draft.name;
    this.parent.value = draft.parent;
    for (const [hunk, box] of this.switches) box.checked = table.hasHunk(values, hunk);
    const parent = table.valuesOf(draft.parent, draft);
    const parts = table.parts(values, parent);
    setText(this.count, parts.length ? `${parts.length} changed` : 'nothing changed yet');
    this.diff.replaceChildren(...parts.map((column) => make('li', {},
      make('span', {}, make('code', { text: column }), ` ${table.words(column, values[column])}`, make('small', { text: `was: ${table.words(column, parent[column])}` })),
      make('button', { text: 'Undo', attributes: { type: 'button', 'aria-label': `Undo ${column}` }, data: { column } }))));
    const broken = table.broken(values);
    setReasons(this.reasons, broken.map(({ reason }) => reason));
    this.run.setAttribute('aria-disabled', String(broken.length > 0));
  }
}
