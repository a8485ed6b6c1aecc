// One list from head to tail: its PFNs, in pages of 256.

import { byId, make, setText } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { keepStop, roving } from '../draw/roving.js';
import { refusalWords } from '../actions.js';
import { only } from '../state/selection.js';
import { listThing, pcpThing } from '../state/things.js';
import { printedName, TYPES } from '../state/vocabulary.js';
import { blockOfPfn } from '../state/zones.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

const PAGE = 256;
const ASK_MS = 500;
const PCP_TYPES = Object.freeze(['UNMOVABLE', 'RECLAIMABLE', 'MOVABLE']);

export class PfnsView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   */
  constructor(lab, ui, actions) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.offset = 0;
    this.asking = false;
    this.shown = '';
    this.askedAt = -Infinity;
    this.panel = byId('drawer-list', HTMLElement);
    this.#build();
    ui.list.watch(() => {
      this.offset = 0;
      this.draw();
    });
    ui.drawer.watch((tab) => {
      if (tab !== 'list' && !ui.peek.value) ui.lit.set(new Set());
      this.shown = '';
      this.draw();
    });
  }

  #build() {
    const change = () => {
      const [where, number] = order.value.split(' ');
      this.ui.list.set({ order: Number(number), migratetype: type.value, pcp: where === 'pcp' });
    };
    const order = make('select', { test: 'pfn-order', attributes: { 'aria-label': 'List' }, on: { change } });
    const type = make('select', { test: 'pfn-type', attributes: { 'aria-label': 'Migratetype' }, on: { change } },
      ...TYPES.map(({ name, printed }) => make('option', { text: printed, attributes: { value: name } })));
    this.order = order;
    this.type = type;
    this.back = make('button', { text: 'Before', attributes: { type: 'button' }, on: { click: () => this.#turn(-PAGE) } });
    this.on = make('button', { text: 'Next 256', test: 'pfn-next', attributes: { type: 'button' }, on: { click: () => this.#turn(PAGE) } });
    this.words = make('span', { class: 'muted', test: 'pfn-words' });
    this.list = make('ol', { class: 'pfns', test: 'pfns', attributes: { 'aria-label': 'PFNs, head to tail' } });
    roving(this.list, 'button', { across: () => this.#across() });
    const why = make('button', { text: 'Why', title: 'Who changed this list last?', test: 'pfn-why', attributes: { type: 'button' }, on: { click: () => this.#why() } });
    this.panel.replaceChildren(make('div', { class: 'list-tools' }, this.order, this.type, why, this.back, this.on, this.words), this.list);
  }

  #why() {
    const { order, migratetype, pcp } = this.ui.list.value;
    const zone = this.lab.zoneAsked;
    this.ui.ask(pcp ? pcpThing(0, migratetype, zone) : listThing(order, migratetype, zone));
  }

  /** PFNs in a row, as the drawer's width has it. */
  #across() {
    const rows = /** @type {HTMLElement[]} */ ([...this.list?.children ?? []]);
    const second = rows.findIndex((row) => row.offsetTop > rows[0].offsetTop);
    return second < 0 ? rows.length : second;
  }

  /** @param {number} by */
  #turn(by) {
    this.offset = Math.max(0, this.offset + by);
    this.shown = '';
    this.draw();
  }

  /** Once a frame. */
  draw() {
    const { picture } = this.lab;
    if (this.ui.drawer.value !== 'list' || !picture || this.asking || this.lab.connection.value.phase !== 'live') return;
    this.#offer(picture.orders);
    const { order, migratetype, pcp } = this.ui.list.value;
    const key = `${order} ${migratetype} ${pcp} ${this.offset} ${picture.firstBlock} ${picture.op}`;
    if (key === this.shown || performance.now() < this.askedAt + ASK_MS) return;
    this.#ask(key);
  }

  /** @param {number} orders */
  #offer(orders) {
    if (!this.order || !this.type) return;
    if (this.order.length !== orders + 1) {
      this.order.replaceChildren(
        ...Array.from({ length: orders }, (_, o) => make('option', { text: `order ${o}`, attributes: { value: `list ${o}` } })),
        make('option', { text: 'pcp of CPU 0', attributes: { value: 'pcp 0' } }));
    }
    const { order, migratetype, pcp } = this.ui.list.value;
    this.order.value = pcp ? 'pcp 0' : `list ${order}`;
    this.type.value = migratetype;
  }

  /** @param {string} key */
  async #ask(key) {
    if (!this.words || !this.list || !this.back || !this.on) return;
    const { order, migratetype, pcp } = this.ui.list.value;
    this.asking = true;
    this.askedAt = performance.now();
    this.shown = key;
    try {
      if (pcp && !PCP_TYPES.includes(migratetype)) {
        this.words.textContent = `A CPU keeps no ${printedName(migratetype)} pages at hand.`;
        this.list.replaceChildren();
        return;
      }
      const answer = await this.actions.list({ zone: this.lab.zoneAsked, ...(pcp ? { pcp: 0 } : { order }), migratetype, offset: this.offset });
      const left = answer.total - this.offset - answer.pfns.length;
      this.words.textContent = `${counted(answer.total, 'chunk')}, head first, at operation ${grouped(answer.op)}${left > 0 ? `; and ${grouped(left)} more` : ''}`;
      const turning = document.activeElement;
      this.back.hidden = this.offset === 0;
      this.on.hidden = left <= 0;
      if (turning === this.on && left <= 0) this.back.focus();
      else if (turning === this.back && this.offset === 0) this.on.focus();
      this.#show(answer.pfns, answer.orders);
    } catch (error) {
      this.words.textContent = refusalWords(error);
    } finally {
      this.asking = false;
      setTimeout(() => this.draw(), ASK_MS);
    }
  }

  /**
   * @param {number[]} pfns
   * @param {number[]} [orders] of a CPU's lists, which may have several
   */
  #show(pfns, orders) {
    const state = this.lab.state.value;
    if (!state || !this.list) return;
    const blockOf = (/** @type {number} */ pfn) => blockOfPfn(state, pfn);
    if (!this.ui.peek.value) this.ui.lit.set(new Set(pfns.map(blockOf)));
    // Rows stay where they are and change their words: whoever stands on one by keyboard is not thrown off.
    while (this.list.childElementCount < pfns.length) this.list.append(make('li', {}, make('button', { attributes: { type: 'button' } })));
    const focused = this.list.contains(document.activeElement);
    while (this.list.childElementCount > pfns.length) this.list.lastElementChild?.remove();
    this.list.querySelectorAll('button').forEach((button, i) => {
      setText(button, orders?.[i] ? `${pfns[i]} · order ${orders[i]}` : String(pfns[i]));
      button.title = `block ${blockOf(pfns[i])}`;
      button.onclick = () => this.ui.selection.set(only([blockOf(pfns[i]), blockOf(pfns[i])]));
    });
    keepStop(this.list, 'button');
    if (focused && !this.list.contains(document.activeElement)) (this.list.querySelectorAll('button')[pfns.length - 1] ?? this.panel).focus();
  }
}
