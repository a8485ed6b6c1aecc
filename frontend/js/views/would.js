// Would it succeed? A request that is not made, put to the zones as they are, and again while they change.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { ANSWERS, holdsWords, indexWords } from '../draw/nodewords.js';
import { problemOf, refusalWords } from '../actions.js';
import { isNode } from '../state/zones.js';
import { printedName } from '../state/vocabulary.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Would} Would
 * @typedef {import('../types.js').WouldZone} WouldZone
 */

/** Asked again while the zones change, but not more often than this. */
const ASK_MS = 250;
const TYPES = Object.freeze(['MOVABLE', 'UNMOVABLE', 'RECLAIMABLE']);

export class WouldView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   */
  constructor(lab, ui, actions) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.asking = false;
    this.askedAt = -Infinity;
    /** Question and operation that the answer on show is for. */
    this.asked = '';
    this.shown = '';
    this.#build();
    ui.question.watch(() => this.#follow());
    ui.drawer.watch((open) => {
      if (open !== 'would') return;
      this.asked = '';
      this.draw();
    });
    lab.state.watch(() => this.#offer());
  }

  #build() {
    const change = () => this.ui.question.set({
      order: Number(this.order?.value), migratetype: this.type?.value ?? 'MOVABLE', zone: this.zone?.value ?? '', atomic: this.atomic?.checked ?? false,
    });
    this.order = make('input', { test: 'would-order', attributes: { type: 'number', min: '0', inputmode: 'numeric' }, on: { input: change } });
    this.type = make('select', { test: 'would-type', on: { change } }, ...TYPES.map((name) => make('option', { text: printedName(name), attributes: { value: name } })));
    this.zone = make('select', { test: 'would-zone', on: { change } });
    this.zoneField = make('label', { class: 'pair' }, 'from ', this.zone);
    this.atomic = make('input', { test: 'would-atomic', attributes: { type: 'checkbox' }, on: { change } });
    this.answer = make('p', { class: 'answer', test: 'would-answer' });
    this.words = make('p', { class: 'answer-words', test: 'would-words' });
    this.at = make('p', { class: 'muted', test: 'would-at' });
    this.error = make('p', { class: 'error', test: 'would-error', attributes: { role: 'alert' } });
    this.zones = make('div', { test: 'would-zones' });
    byId('drawer-would', HTMLElement).replaceChildren(
      make('div', { class: 'list-tools' },
        make('label', { class: 'pair' }, 'order ', this.order), make('label', { class: 'pair' }, 'type ', this.type),
        this.zoneField, make('label', { class: 'tick' }, this.atomic, ' cannot wait')),
      this.error, this.answer, this.words, this.zones, this.at);
  }

  /** The fields say what is asked, wherever it was chosen. */
  #follow() {
    const { order, migratetype, zone, atomic } = this.ui.question.value;
    // What somebody types is left alone.
    if (this.order && document.activeElement !== this.order) this.order.value = String(order);
    if (this.type) this.type.value = migratetype;
    if (this.zone) this.zone.value = zone;
    if (this.atomic) this.atomic.checked = atomic;
    this.askedAt = -Infinity;
    this.draw();
  }

  /** The classes that a request can have. */
  #offer() {
    const { state, rows } = this.lab;
    if (!this.zone || !this.zoneField) return;
    const here = isNode(state.value);
    this.zoneField.hidden = !here;
    const names = here ? rows.map(({ zone }) => zone) : [];
    if (String([...this.zone.options].slice(1).map(({ value }) => value)) !== String(names)) {
      this.zone.replaceChildren(make('option', { text: 'the rule’s zones', attributes: { value: '' } }),
        ...names.map((name) => make('option', { text: `${name} and below`, attributes: { value: name } })));
    }
    const { question } = this.ui;
    if (question.value.zone && !names.includes(question.value.zone)) question.set({ ...question.value, zone: '' });
    else this.zone.value = question.value.zone;
  }

  /** Once a frame. */
  draw() {
    const { lab, ui } = this;
    if (ui.drawer.value !== 'would' || this.asking || lab.connection.value.phase !== 'live' || !lab.picture) return;
    const key = `${Object.values(ui.question.value)} ${lab.number.value} ${lab.op}`;
    if (key === this.asked || performance.now() < this.askedAt + ASK_MS) return;
    this.#ask(key);
  }

  /** @param {string} key */
  async #ask(key) {
    const { order, migratetype, zone, atomic } = this.ui.question.value;
    this.asking = true;
    this.asked = key;
    this.askedAt = performance.now();
    try {
      this.#show(await this.actions.would({ order, migratetype, zone: zone || null, atomic }));
      this.#refuse('', '');
    } catch (error) {
      this.#refuse(refusalWords(error), problemOf(error)?.field ?? '');
    } finally {
      this.asking = false;
      // The last operation of a run must not be missed.
      setTimeout(() => this.draw(), ASK_MS);
    }
  }

  /** @param {string} words @param {string} field */
  #refuse(words, field) {
    if (this.error) setText(this.error, words);
    if (field === 'order') this.order?.setAttribute('aria-invalid', 'true');
    else this.order?.removeAttribute('aria-invalid');
  }

  /** @param {Would} told */
  #show(told) {
    if (!this.answer || !this.words || !this.zones || !this.at) return;
    this.answer.dataset.answer = told.answer;
    setText(this.answer, ANSWERS[told.answer] ?? told.answer);
    setText(this.words, told.words);
    setText(this.at, `At operation ${grouped(told.op)}; nothing is allocated.`);
    const now = JSON.stringify(told.zones);
    if (now === this.shown) return;
    this.shown = now;
    this.zones.replaceChildren(...told.zones.map(zonePart));
  }
}

/** @param {WouldZone} zone */
function zonePart(zone) {
  const lines = Object.entries(zone.marks).flatMap(([mark, { sum }]) => sum.map(({ words, holds }) => make('tr', { data: { holds: String(holds) } },
    make('th', { text: mark, attributes: { scope: 'row' } }), make('td', { class: 'sign', text: holdsWords(holds) }), make('td', { text: words }))));
  const served = zone.list
    ? `The list that can serve: ${printedName(zone.list.migratetype)}, order ${zone.list.order}${zone.list.fallback ? ', another type’s' : ''}.`
    : '';
  const parts = [make('h3', { text: zone.zone }), make('p', { text: `${zone.words}.` })];
  if (lines.length) parts.push(make('table', { class: 'sums' }, make('caption', { class: 'unseen', text: `Watermarks of ${zone.zone}` }), make('tbody', {}, ...lines)));
  if (served) parts.push(make('p', { text: served }));
  if (zone.present > 0) parts.push(make('p', { class: 'muted', text: indexWords(zone) }));
  return make('section', { class: 'would-zone', test: `would-${zone.zone}`, attributes: { 'aria-label': zone.zone } }, ...parts);
}
