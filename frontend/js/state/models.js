// The model table, and a row of one's own that is being made. Pure: the service has the last word on what can run.

/**
 * @typedef {import('../types.js').ModelTable} Told
 * @typedef {import('../types.js').ModelColumn} Column
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {Record<string, number>} Values
 */

/** What the column of one's own is called where kernels have their names. */
export const OWN = '';

export class ModelTable {
  /** @param {Told} told */
  constructor(told) {
    this.told = told;
    this.columns = told.sections.flatMap((section) => section.columns);
    this.byName = new Map(this.columns.map((column) => [column.name, column]));
    this.models = new Map(told.models.map((model) => [model.name, model]));
    /** @type {Map<string, Values>} */
    this.values = new Map(told.models.map((model) => [
      model.name, Object.assign({}, ...Object.values(model.cells).map((cell) => cell.values)),
    ]));
  }

  /** @param {string} column @param {number} value */
  label(column, value) {
    return this.#choice(column, value)?.label ?? this.told.tables.labels[value];
  }

  /** @param {string} column @param {number} value */
  words(column, value) {
    return this.#choice(column, value)?.words ?? this.told.tables.words[value];
  }

  /** @param {string} column @param {number} value */
  #choice(column, value) {
    return this.byName.get(column)?.choices[value];
  }

  /** The values to choose from: every choice, or the truth tables that have a name. @param {string} column */
  answers(column) {
    const { choices = [] } = this.byName.get(column) ?? {};
    return choices.length ? choices.map((_, value) => value) : this.told.tables.named;
  }

  /** The kernels that give this answer. @param {string} column @param {number} value */
  whose(column, value) {
    return [...this.values].filter(([, values]) => values[column] === value).map(([name]) => name);
  }

  /** What a kernel says of a column. @param {string} model @param {string} column */
  cell(model, column) {
    return Object.values(this.models.get(model)?.cells ?? {}).find((cell) => column in cell.values);
  }

  /** Every column of a model, or of one's own. @param {string} model @param {Draft} draft @returns {Values} */
  valuesOf(model, draft) {
    if (model !== OWN) return this.values.get(model) ?? {};
    return { ...this.values.get(draft.parent), ...draft.changes };
  }

  /** Where a value was inherited from. @param {string} model @param {Draft} draft @returns {Values|null} */
  parentOf(model, draft) {
    const parent = model === OWN ? draft.parent : this.models.get(model)?.parent;
    return parent ? this.values.get(parent) ?? null : null;
  }

  /** What cannot stand together. @param {Values} values */
  broken(values) {
    return this.told.rules.filter(({ columns }) => Object.entries(columns).every(([name, bad]) => bad.includes(values[name])));
  }

  /** Names of columns in which two models part. @param {Values} one @param {Values} other */
  parts(one, other) {
    return this.columns.map(({ name }) => name).filter((name) => one[name] !== other[name]);
  }

  /** One's own row with these values; what is as the parent has it is no change. @param {Draft} draft @param {Values} values @returns {Draft} */
  changed(draft, values) {
    const parent = this.values.get(draft.parent) ?? {};
    const all = { ...draft.changes, ...values };
    return { ...draft, changes: Object.fromEntries(this.columns.map(({ name }) => [name, all[name]]).filter(([name, value]) => value !== undefined && value !== parent[name])) };
  }

  /** The same changes on another kernel. @param {Draft} draft @param {string} parent */
  moved(draft, parent) {
    return this.changed({ ...draft, parent, name: draft.name === defaultName(draft.parent) ? defaultName(parent) : draft.name }, {});
  }

  /** Whether a hunk of the patch stands in a row. @param {Values} values @param {string} hunk */
  hasHunk(values, hunk) {
    return Object.entries(this.told.hunks[hunk].changes).every(([column, value]) => values[column] === value);
  }

  /** With the hunk, or without: as the parent has it, unless the parent has it too. @param {Draft} draft @param {string} hunk @param {boolean} taken */
  withHunk(draft, hunk, taken) {
    const { changes, without } = this.told.hunks[hunk];
    const parent = this.values.get(draft.parent) ?? {};
    if (taken) return this.changed(draft, changes);
    return this.changed(draft, this.hasHunk(parent, hunk) ? without : Object.fromEntries(Object.keys(changes).map((column) => [column, parent[column]])));
  }

  /** A model out of a file, whose values are words. @param {{name: string, parent: string, changes: Record<string, string|number>}} document @returns {Draft} */
  draftOf({ name, parent, changes }) {
    const value = (/** @type {string} */ column, /** @type {string|number} */ said) => {
      const choices = this.byName.get(column)?.choices ?? [];
      return typeof said === 'number' ? said : choices.length ? choices.findIndex(({ words }) => words === said) : this.told.tables.words.indexOf(said);
    };
    return { name, parent, changes: Object.fromEntries(Object.entries(changes).map(([column, said]) => [column, value(column, said)])) };
  }
}

/** What a row of one's own is called until it has a name. @param {string} parent */
export function defaultName(parent) {
  return `${parent}, changed`;
}

/** A row of one's own, of which nothing is changed yet. @param {string} parent @returns {Draft} */
export function freshDraft(parent) {
  return { name: defaultName(parent), parent, changes: {} };
}
