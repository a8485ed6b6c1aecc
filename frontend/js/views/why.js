// Why: who changed this last, and before that. A press leads to the very write; from there it is asked again, as far as that moment.

import { byId, make, setText } from '../draw/dom.js';
import { cellChip } from '../draw/cellchip.js';
import { changeRow, signed } from '../draw/changerow.js';
import { grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';
import { amountWords, blockThing, counterThing, handleThing, listThing, nrFreeThing, OFFERED, pageThing } from '../state/things.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../state/things.js').Thing} Thing
 * @typedef {import('../types.js').Changes} Changes
 * @typedef {import('../draw/cellchip.js').OpenCell} OpenCell
 */

const ASK_MS = 300;
const SHOWN = 20;

export class WhyView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {OpenCell} openCell
   */
  constructor(lab, ui, actions, openCell) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.openCell = openCell;
    this.asking = false;
    this.askedAt = -Infinity;
    this.shown = '';
    /** What the choice offers, in its order. @type {Thing[]} */
    this.things = [];
    this.choice = make('select', {
      test: 'why-thing', attributes: { 'aria-label': 'Who changed this last?' },
      on: { change: () => this.ui.why.set(this.things[Number(this.choice.value)] ?? null) },
    });
    this.words = make('p', { class: 'strong', test: 'why-words', attributes: { role: 'status' } });
    this.list = make('ol', { class: 'changes', test: 'changes' });
    this.more = make('button', { text: 'Earlier ones', test: 'why-more', attributes: { type: 'button', hidden: '' }, on: { click: () => this.#further() } });
    this.handle = make('button', { test: 'why-handle', attributes: { type: 'button', hidden: '' } });
    this.from = make('p', { class: 'muted', test: 'why-from' });
    byId('drawer-why', HTMLElement).replaceChildren(
      make('div', { class: 'list-tools' }, this.choice, this.handle), this.words, this.list, this.more, this.from);
    /** @type {number|null} */
    this.before = null;
    ui.why.watch(() => this.draw());
    ui.drawer.watch(() => this.draw());
  }

  /** About what is picked, or the count of free pages; pressed again it closes. */
  open() {
    const { ui } = this;
    if (ui.drawer.value === 'why') ui.drawer.set(null);
    else if (ui.inside.value >= 0 && ui.page.value >= 0) ui.ask(pageThing(ui.page.value));
    else if (ui.selection.value.ranges.length) ui.ask(blockThing(ui.selection.value.ranges[0][0]));
    else ui.ask(counterThing('nr_free_pages', this.lab.zoneAsked));
  }

  /** Once a frame. */
  draw() {
    const { lab, ui } = this;
    if (ui.drawer.value !== 'why' || !lab.picture || this.asking || lab.connection.value.phase !== 'live') return;
    const thing = ui.why.value ?? counterThing('nr_free_pages', lab.zoneAsked);
    const { moment } = lab;
    const key = `${JSON.stringify(thing.fields)} ${lab.op} ${moment?.step} ${moment?.whole} ${moment?.branch}`;
    if (key === this.shown || performance.now() < this.askedAt + (lab.running.value ? 3 * ASK_MS : ASK_MS)) return;
    this.#offer(thing);
    this.#ask(thing, key);
  }

  /**
   * What can be asked about here: what is picked, counters, orders, the list that is open.
   * @param {Thing} chosen
   */
  #offer(chosen) {
    const { lab, ui } = this;
    const zone = lab.zoneAsked;
    const { order, migratetype } = ui.list.value;
    const [first] = ui.selection.value.ranges;
    const groups = /** @type {[string, Thing[]][]} */ ([
      ['What is picked', [
        ...(ui.page.value >= 0 ? [pageThing(ui.page.value)] : []),
        ...(first ? [blockThing(first[0])] : []),
        listThing(order, migratetype, zone),
      ]],
      ['Counters', OFFERED.map((name) => counterThing(name, zone))],
      ['nr_free', Array.from({ length: lab.picture?.orders ?? 0 }, (_, o) => nrFreeThing(o, zone))],
    ]);
    const same = (/** @type {Thing} */ one) => JSON.stringify(one.fields) === JSON.stringify(chosen.fields);
    if (!groups.some(([, things]) => things.some(same))) groups[0][1].unshift(chosen);
    this.things = groups.flatMap(([, things]) => things);
    const key = this.things.map(({ name }) => name).join('|');
    if (this.choice.dataset.key !== key && document.activeElement !== this.choice) {
      this.choice.dataset.key = key;
      let i = 0;
      this.choice.replaceChildren(...groups.map(([label, things]) => {
        const group = make('optgroup', { attributes: { label } });
        group.append(...things.map(({ name }) => make('option', { text: name, attributes: { value: String(i++) } })));
        return group;
      }));
    }
    this.choice.value = String(this.things.findIndex(same));
  }

  /**
   * @param {Thing} thing
   * @param {string} key
   */
  async #ask(thing, key) {
    this.asking = true;
    this.askedAt = performance.now();
    this.shown = key;
    try {
      const answer = await this.actions.changes({ ...thing.fields, most: SHOWN });
      const focused = this.list.contains(document.activeElement);
      this.list.replaceChildren(...this.#rows(thing, answer));
      if (focused) (this.list.querySelector('button') ?? this.choice).focus();
      this.#tell(thing, answer);
    } catch (error) {
      setText(this.words, refusalWords(error));
      this.list.replaceChildren();
      this.more.hidden = true;
    } finally {
      this.asking = false;
      setTimeout(() => this.draw(), ASK_MS);
    }
  }

  async #further() {
    const thing = this.ui.why.value ?? counterThing('nr_free_pages', this.lab.zoneAsked);
    try {
      const answer = await this.actions.changes({ ...thing.fields, most: SHOWN, before: this.before });
      const rows = this.#rows(thing, answer);
      this.list.append(...rows);
      rows[0]?.querySelector('button')?.focus();
      this.#end(answer);
    } catch (error) {
      this.ui.say(refusalWords(error), 'error');
    }
  }

  /**
   * @param {Thing} thing
   * @param {Changes} answer
   */
  #rows(thing, { changes, cells }) {
    const { op, moment } = this.lab;
    return changes.map((change) => {
      const here = change.op === op && (moment?.whole ? change.step === moment.steps : change.step === moment?.step);
      return make('li', {}, changeRow({ ...change, amount: change.amount === null ? '' : amountWords(thing, change.amount, signed) }, here, (to, step) => this.#go(to, step)), ...cellChip(cells[change.cell ?? ''], this.openCell));
    });
  }

  /**
   * @param {Thing} thing
   * @param {Changes} answer
   */
  #tell(thing, answer) {
    const [last] = answer.changes;
    const name = `${thing.name[0].toUpperCase()}${thing.name.slice(1)}`;
    if (!answer.first_op) setText(this.words, 'No writes are kept of this zone: nobody can say who changed what.');
    else if (!last) setText(this.words, `${name}: nothing changed it since operation ${grouped(answer.first_op)}.`);
    else setText(this.words, `${name}: last changed by operation ${grouped(last.op)}, in ${last.site || 'the simulator'}.`);
    const { handle } = answer;
    const pfn = Number(thing.fields.pfn);
    this.handle.hidden = handle === null;
    if (handle !== null) {
      setText(this.handle, `Its chunk’s handle, ${handle}`);
      this.handle.onclick = () => this.ui.why.set(handleThing(handle, pfn));
    }
    this.#end(answer);
  }

  /** @param {Changes} answer */
  #end({ before, first_op: first, changes }) {
    this.before = before;
    this.more.hidden = before === null || changes.length === 0;
    setText(this.from, first ? `The log tells of operations from ${grouped(first)} on.` : '');
  }

  /**
   * @param {number} op
   * @param {number} step
   */
  async #go(op, step) {
    try {
      await this.actions.seek(op, step);
      this.ui.stepsOf.set(null);
    } catch (error) {
      this.ui.say(refusalWords(error), 'error');
    }
  }
}
