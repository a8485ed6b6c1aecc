// One cell opened: what it says, where that is from and why, and what one's own row could say instead.

import { OWN } from '../state/models.js';
import { make, setText } from './dom.js';

/**
 * @typedef {import('../state/models.js').ModelTable} ModelTable
 * @typedef {import('../types.js').Draft} Draft
 */

export class ModelCell {
  /**
   * @param {HTMLElement} place
   * @param {ModelTable} table
   * @param {(column: string, value: number) => void} choose for one's own row
   */
  constructor(place, table, choose) {
    this.place = place;
    this.table = table;
    this.choose = choose;
    this.model = OWN;
    this.column = '';
    /** @type {{value: number, radio: HTMLInputElement}[]} */
    this.radios = [];
    /** @type {HTMLInputElement[]} */
    this.boxes = [];
    this.says = make('p', { class: 'cell-says', test: 'model-cell-words' });
    this.about = make('div', { class: 'cell-about' });
    this.reasons = make('div', { attributes: { role: 'status' }, test: 'model-cell-reasons' });
  }

  /** @param {string} model @param {string} column @param {Draft} draft */
  open(model, column, draft) {
    if (model !== this.model || column !== this.column) {
      this.model = model;
      if (column !== this.column) this.#build(column);
    }
    this.show(draft);
  }

  /** @param {string} name */
  #build(name) {
    const { table } = this;
    const column = table.byName.get(name);
    if (!column) return;
    this.column = name;
    this.radios = table.answers(name).map((value) => ({
      value,
      radio: make('input', {
        attributes: { type: 'radio', name: 'model-answer', value: String(value) }, test: `answer-${value}`,
        on: { change: () => this.choose(name, value) },
      }),
    }));
    const choices = this.radios.map(({ value, radio }) => make('label', {}, radio, make('span', {},
      table.words(name, value), make('small', { text: table.whose(name, value).join(' · ') }))));
    const isRule = column.choices.length > 0;
    this.boxes = isRule ? [] : table.told.tables.contexts.map((_, context) => make('input', {
      attributes: { type: 'checkbox' }, test: `case-${context}`,
      on: { change: () => this.choose(name, this.boxes.reduce((bits, box, c) => bits | (Number(box.checked) << c), 0)) },
    }));
    this.cases = isRule ? null : make('details', { class: 'cases' }, make('summary', { text: 'Each case by itself', test: 'model-cases' }),
      ...this.boxes.map((box, context) => make('label', {}, box, make('span', { text: `if ${table.told.tables.contexts[context]}` }))));
    this.place.replaceChildren(
      make('h3', { class: 'cell-question', text: column.words }),
      make('p', { class: 'cell-site' }, make('code', { text: column.site }), column.counter === 'NR_FREE_PAGES' || column.counter === 'nr_free' ? ` · ${column.counter}` : ''),
      this.says, this.about,
      make('fieldset', { class: 'answers' }, make('legend', { text: 'In your own model' }), ...choices, ...(this.cases ? [this.cases] : []), this.reasons),
    );
  }

  /** @param {Draft} draft */
  show(draft) {
    const { table, column, model } = this;
    if (!column) return;
    const own = table.valuesOf(OWN, draft)[column];
    const value = table.valuesOf(model, draft)[column];
    const name = model || draft.name;
    const told = table.told.models.find((one) => one.name === (model || draft.parent));
    const cell = table.cell(model || draft.parent, column);
    this.says.replaceChildren(make('b', { text: `${name}: ` }), table.words(column, value));
    const inherited = table.parentOf(model, draft)?.[column];
    const was = inherited === undefined || inherited === value ? '' : `${model === OWN ? draft.parent : told?.parent ?? ''}: ${table.words(column, inherited)}.`;
    const byHand = model === OWN && was !== '';
    this.about.replaceChildren(make('dl', {},
      ...(byHand ? row('Source', 'changed by hand') : [...row('Source', cell?.source ?? ''), ...row('Why', cell?.why ?? '')]),
      ...(was ? row('Before', was) : []),
      ...(byHand ? row('From', `${cell?.source}. ${cell?.why}`) : [])));
    for (const { value: answer, radio } of this.radios) radio.checked = answer === own;
    this.boxes.forEach((box, context) => { box.checked = (own >> context & 1) === 1; });
    if (this.cases && !this.radios.some(({ radio }) => radio.checked)) this.cases.open = true;
    const broken = table.broken(table.valuesOf(OWN, draft)).filter(({ columns }) => column in columns);
    setReasons(this.reasons, broken.map(({ reason }) => reason));
  }

  /** Where the choice stands. */
  focus() {
    const { radio } = this.radios.find((one) => one.radio.checked) ?? this.radios[0] ?? {};
    radio?.focus();
  }
}

/** @param {string} term @param {string} words */
function row(term, words) {
  return [make('dt', { text: term }), make('dd', { text: words })];
}

/** @param {HTMLElement} place @param {string[]} reasons */
export function setReasons(place, reasons) {
  while (place.children.length > reasons.length) place.lastChild?.remove();
  while (place.children.length < reasons.length) place.append(make('p', { class: 'error' }));
  reasons.forEach((reason, i) => setText(/** @type {HTMLElement} */ (place.children[i]), reason));
}
