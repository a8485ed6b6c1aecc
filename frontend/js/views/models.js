// The dialog of the model table: two models compared, every cell with its source, and a model of one's own.

import { refusalWords, problemOf } from '../actions.js';
import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { ModelCell } from '../draw/modelcell.js';
import { ModelGrid } from '../draw/modelgrid.js';
import { ModelOwn } from '../draw/modelown.js';
import { freshDraft, ModelTable, OWN } from '../state/models.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Draft} Draft
 * @typedef {{table: () => Promise<any>, exportUrl: (name: string) => string}} Source
 */

const NEW = '';

export class ModelsView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {Source} source
   */
  constructor(lab, ui, actions, source) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.source = source;
    this.dialog = byId('models-dialog', HTMLDialogElement);
    this.left = byId('models-left', HTMLSelectElement);
    this.right = byId('models-right', HTMLSelectElement);
    this.only = byId('models-only', HTMLInputElement);
    this.saved = byId('own-saved', HTMLSelectElement);
    this.error = byId('own-error', HTMLElement);
    this.file = byId('own-file', HTMLInputElement);
    this.narrow = matchMedia('(max-width: 639.98px)');
    /** @type {Draft} */
    this.draft = freshDraft('');
    /** @type {ModelGrid|null} */
    this.grid = null;
    this.#listen();
    lab.state.watch(() => this.#listSaved());
  }

  #listen() {
    byId('models-close', HTMLButtonElement).addEventListener('click', () => this.dialog.close());
    byId('open-models', HTMLButtonElement).addEventListener('click', () => {
      byId('model-menu', HTMLElement).hidePopover();
      this.open();
    });
    for (const select of [this.left, this.right]) {
      select.addEventListener('change', () => {
        this.#show();
        this.grid?.reveal(select.value);
      });
    }
    this.only.addEventListener('change', () => this.#show());
    this.narrow.addEventListener('change', () => this.#show());
    this.saved.addEventListener('change', () => this.#load(this.saved.value));
    byId('own-run', HTMLButtonElement).addEventListener('click', () => this.#run());
    byId('own-save', HTMLButtonElement).addEventListener('click', () => this.#save());
    byId('own-delete', HTMLButtonElement).addEventListener('click', () => this.#delete());
    byId('own-export', HTMLButtonElement).addEventListener('click', () => this.#export());
    byId('own-import', HTMLButtonElement).addEventListener('click', () => this.file.click());
    this.file.addEventListener('change', () => this.#import());
  }

  /** From the menu or by its key. */
  async open() {
    if (this.dialog.open) return;
    if (!this.grid && !(await this.#fetch())) return;
    if (Object.keys(this.draft.changes).length === 0) this.#begin();
    setText(this.error, '');
    this.dialog.showModal();
    this.#show();
    this.grid?.reveal(this.left.value);
  }

  /** The row that runs, at one of its cells. @param {string} column */
  async openAt(column) {
    await this.open();
    const { custom, model } = this.lab.state.value?.config ?? { custom: null, model: '' };
    if (this.dialog.open) this.#open(custom ? OWN : model, column);
  }

  async #fetch() {
    try {
      this.#build(new ModelTable(await this.source.table()));
      return true;
    } catch (refusal) {
      this.ui.say(`The model table did not come: ${refusalWords(refusal)}`, 'error');
      return false;
    }
  }

  /** @param {ModelTable} table */
  #build(table) {
    this.table = table;
    this.cell = new ModelCell(byId('models-cell', HTMLElement), table, (column, value) => this.#change(table.changed(this.draft, { [column]: value })));
    this.own = new ModelOwn(table, (draft) => this.#change(draft), () => this.draft);
    this.grid = new ModelGrid(byId('models-table', HTMLElement), table, (model, column) => this.#open(model, column), () => this.cell?.focus());
    for (const select of [this.left, this.right]) {
      select.replaceChildren(...[...table.models.keys()].map((name) => make('option', { text: name, attributes: { value: name } })),
        make('option', { text: 'your own', attributes: { value: OWN } }));
    }
  }

  /** One's own begins with what runs; that is compared with what it is made from, the first kernel with the patch. */
  #begin() {
    const config = this.lab.state.value?.config;
    if (!config || !this.table) return;
    this.draft = config.custom ? { name: config.custom.name, parent: config.custom.parent, changes: { ...config.custom.changes } } : freshDraft(config.model);
    const { parent } = this.draft;
    const before = this.table.models.get(parent)?.parent;
    this.left.value = config.custom ? parent : before ?? parent;
    this.right.value = config.custom ? OWN : before ? parent : this.table.told.patch;
    const first = this.table.columns[0].name;
    this.cell?.open(OWN, first, this.draft);
    this.grid?.mark(OWN, first);
    this.#listSaved();
  }

  /** @param {string} model @param {string} column */
  #open(model, column) {
    this.cell?.open(model, column, this.draft);
    this.grid?.mark(model, column);
  }

  /** @param {Draft} draft */
  #change(draft) {
    this.draft = draft;
    setText(this.error, '');
    this.#show();
  }

  #show() {
    if (!this.grid || !this.dialog.open) return;
    const comparison = { left: this.left.value, right: this.right.value, only: this.only.checked };
    const parts = this.grid.show(this.draft, comparison, this.narrow.matches);
    setText(byId('models-count', HTMLElement), parts.length === 0 ? 'the same in every cell' : `${parts.length} of ${this.table?.columns.length} differ`);
    this.cell?.show(this.draft);
    this.own?.show(this.draft);
    this.#showSaved();
  }

  // ---- what is kept ----

  #listSaved() {
    const names = (this.lab.state.value?.models ?? []).map(({ name }) => name);
    if ([...this.saved.options].slice(1).map(({ value }) => value).join('\n') !== names.join('\n') || this.saved.options.length === 0) {
      this.saved.replaceChildren(make('option', { text: names.length ? 'not saved' : 'none saved yet', attributes: { value: NEW } }),
        ...names.map((name) => make('option', { text: name, attributes: { value: name } })));
    }
    this.#showSaved();
  }

  #showSaved() {
    const kept = this.#kept(this.draft.name);
    const same = kept !== undefined && kept.parent === this.draft.parent && sameChanges(kept.changes, this.draft.changes);
    this.saved.value = same ? this.draft.name : NEW;
    byId('own-delete', HTMLButtonElement).hidden = !same;
    setText(byId('own-save', HTMLButtonElement), same ? 'Saved' : kept ? 'Save again' : 'Save');
  }

  /** @param {string} name */
  #kept(name) {
    return this.lab.state.value?.models.find((model) => model.name === name);
  }

  /** @param {string} name */
  #load(name) {
    const kept = this.#kept(name);
    if (kept) this.#change({ name, parent: kept.parent, changes: { ...kept.changes } });
    else this.#change(freshDraft(this.draft.parent));
  }

  // ---- what is done with it ----

  /**
   * @param {() => Promise<void>} act
   */
  async #attempt(act) {
    setText(this.error, '');
    this.dialog.setAttribute('aria-busy', 'true');
    try {
      await act();
      return true;
    } catch (refusal) {
      setText(this.error, refusalWords(refusal));
      if (problemOf(refusal)?.field === 'name') this.own?.name.focus();
      return false;
    } finally {
      this.dialog.removeAttribute('aria-busy');
    }
  }

  #run() {
    if (this.own?.run.getAttribute('aria-disabled') === 'true') return;
    const again = /** @type {HTMLInputElement} */ (this.dialog.querySelector('input[name="own-again"]:checked')).value;
    this.#attempt(async () => {
      const result = await this.actions.model({ ...this.draft, again });
      if (!result) return;
      this.dialog.close();
      this.ui.acted.set(result.op);
      if (this.lab.state.value?.demonstration) return;
      this.ui.say(result.replayed ? `${this.draft.name}: the same ${grouped(result.replayed)} operations ran again from boot.` : `${this.draft.name}: from boot.`);
    });
  }

  #save() {
    return this.#attempt(async () => {
      await this.actions.saveModel(this.draft);
    });
  }

  #delete() {
    this.#attempt(async () => {
      await this.actions.deleteModel(this.draft.name);
      byId('own-save', HTMLButtonElement).focus();
    });
  }

  /** What is sent away is kept here too: the service writes the file. */
  async #export() {
    if (!(await this.#save())) return;
    const link = make('a', { attributes: { href: this.source.exportUrl(this.draft.name), download: '' } });
    link.click();
  }

  #import() {
    const [file] = this.file.files ?? [];
    this.file.value = '';
    if (!file) return;
    this.#attempt(async () => {
      const { model } = await this.actions.importModel(file);
      if (model && this.table) this.#change(this.table.draftOf(model));
      else this.dialog.close();
    });
  }
}

/** @param {Record<string, number>} one @param {Record<string, number>} other */
function sameChanges(one, other) {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
