// The Reclaim drawer: the node's own numbers, every zone's beside them, and what a person can write and order.

import { byId, make, setText } from '../draw/dom.js';
import { grouped, quantity, quantityWithUnit } from '../draw/format.js';
import { endingWords, kswapdState, kswapdTask, oomWords } from '../draw/nodewords.js';
import { problemOf, refusalWords } from '../actions.js';
import { ModelTable, OWN } from '../state/models.js';
import { prefs } from '../state/prefs.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../state/node.js').ZoneSummary} ZoneSummary
 */

/** The column of the model table that says when a zone is given up. */
const RULE = 'give_up';

/** @type {readonly (readonly [keyof ZoneSummary, string, string])[]} */
const ROWS = Object.freeze([
  ['nr_free_pages', 'NR_FREE_PAGES', 'What the zone counts as free.'],
  ['free_safe', 'as kswapd reckons', 'What zone_watermark_ok_safe goes by: in some kernels isolated blocks are taken off.'],
  ['usable', 'can be given', 'Pages on lists that a request can be served from.'],
  ['isolated', 'on ISOLATE lists', 'Free pages on the ISOLATE lists: free, and not to be had.'],
  ['watermark_min', 'MIN', 'Below it only reclaim helps.'],
  ['watermark_low', 'LOW', 'Below it a request wakes kswapd.'],
  ['watermark_high', 'HIGH', 'kswapd sleeps when every zone is above it.'],
  ['lru_file', 'LRU, file', 'Pages of files on the LRU: reclaim can drop them.'],
  ['lru_anon', 'LRU, anonymous', 'Pages of processes on the LRU: reclaim needs swap for them.'],
  ['pages_scanned', 'pages_scanned', 'LRU pages looked at since a page of the zone was freed.'],
  ['offline', 'offline', 'Pages taken out of the zone.'],
]);
/** @type {readonly (readonly [keyof ZoneSummary, string, string])[]} */
const FLAGS = Object.freeze([
  ['all_unreclaimable', 'all_unreclaimable', 'The flag that only kswapd sets and any free clears.'],
  ['given_up', 'given up', 'Direct reclaim passes the zone over, by the model’s rule.'],
]);

export class ReclaimTabView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {() => Promise<any>} table the model table
   */
  constructor(lab, ui, actions, table) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.table = table;
    /** @type {ModelTable|null} */
    this.models = null;
    this.named = '';
    /** @type {Map<string, HTMLElement>} by row and slot */
    this.cells = new Map();
    this.kswapd = make('p', { class: 'strong' });
    this.request = make('p', { test: 'reclaim-request' });
    this.memory = make('p', { test: 'reclaim-memory' });
    this.rule = make('p', { class: 'muted', test: 'give-up-rule' });
    this.error = make('p', { class: 'error', test: 'reclaim-error', attributes: { role: 'alert' } });
    this.said = make('p', { class: 'muted', test: 'reclaim-said', attributes: { role: 'status' } });
    this.kbytes = make('input', { test: 'min-free-kbytes', attributes: { type: 'number', min: '0', inputmode: 'numeric', name: 'kbytes' } });
    this.zones = make('div', { class: 'zones-table', attributes: { role: 'region', 'aria-label': 'Zones in numbers', tabindex: '0' } });
    byId('drawer-reclaim', HTMLElement).replaceChildren(this.kswapd, this.request, this.memory, this.#form(), this.error, this.said, this.zones, this.rule);
    ui.drawer.watch((open) => {
      if (open !== 'reclaim') return;
      this.#fill();
      this.#fetch();
      this.draw();
    });
    lab.state.watch(() => this.#judge());
    lab.number.watch(() => this.#fill());
    prefs.watch(() => this.draw());
  }

  #form() {
    const form = make('form', { class: 'list-tools', attributes: { novalidate: '' } },
      make('label', { class: 'pair' }, 'min_free_kbytes ', this.kbytes),
      make('button', { text: 'Write', test: 'min-free-write', attributes: { type: 'submit' } }),
      make('button', { text: 'OOM kill', test: 'oom-kill', title: 'End the process that holds most pages', attributes: { type: 'button' }, on: { click: () => this.#order(this.actions.oomKill()) } }));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#order(this.actions.minFreeKbytes(Number(this.kbytes.value)));
    });
    return form;
  }

  /** What is written there now; what somebody types is left alone. */
  #fill() {
    const { node } = this.lab;
    if (node && document.activeElement !== this.kbytes) this.kbytes.value = String(node.numbers.min_free_kbytes);
  }

  /** @param {Promise<import('../types.js').CommandResult>} answer */
  async #order(answer) {
    setText(this.error, '');
    this.kbytes.removeAttribute('aria-invalid');
    this.ui.acted.set(this.lab.op);
    try {
      const { words = [], op } = await answer;
      const text = `${words.join('; ')}.`;
      setText(this.said, text);
      this.ui.told.set({ text: '', op });
    } catch (refusal) {
      setText(this.said, '');
      setText(this.error, refusalWords(refusal));
      if (problemOf(refusal)?.field === 'kbytes') this.kbytes.setAttribute('aria-invalid', 'true');
    }
  }

  async #fetch() {
    if (this.models) return;
    try {
      this.models = new ModelTable(await this.table());
      this.#judge();
    } catch (error) {
      setText(this.rule, error instanceof Error ? error.message : String(error));
    }
  }

  /** When this model gives a zone up, and where that is not its kernel's own way. */
  #judge() {
    const { models } = this;
    const config = this.lab.state.value?.config;
    if (!models || !config) return;
    const name = config.custom?.parent ?? config.model;
    const draft = config.custom ?? { name: '', parent: name, changes: {} };
    const value = models.valuesOf(OWN, draft)[RULE];
    const cell = models.cell(name, RULE);
    const own = cell?.values[RULE] === value;
    setText(this.rule, `Given up ${models.words(RULE, value)}.${own ? ` ${cell?.why} (${cell?.source})` : ''}`);
  }

  /** Once a frame, while it is open. */
  draw() {
    const { node } = this.lab;
    if (this.ui.drawer.value !== 'reclaim' || !node) return;
    const { unit } = prefs.value;
    const say = (/** @type {number} */ pages) => quantity(pages, unit);
    setText(this.kswapd, `${kswapdState(node)}. ${kswapdTask(node)}`);
    setText(this.request, `${endingWords(node)} ${oomWords(node)}`);
    setText(this.memory, `${grouped(node.numbers.min_free_kbytes)} KiB to be kept free; ${quantityWithUnit(node.numbers.swap_free, unit)} of swap left.`);
    const named = node.zones.map(({ name }) => name).join();
    if (named !== this.named) this.#build(node.zones.map(({ name }) => name));
    node.zones.forEach((zone, slot) => {
      for (const [key] of ROWS) this.#write(key, slot, say(/** @type {number} */ (zone[key])));
      for (const [key] of FLAGS) this.#write(key, slot, zone[key] ? 'yes' : 'no');
    });
  }

  /** @param {string} key @param {number} slot @param {string} text */
  #write(key, slot, text) {
    const cell = this.cells.get(`${key} ${slot}`);
    if (cell) setText(cell, text);
  }

  /** @param {readonly string[]} names */
  #build(names) {
    this.named = names.join();
    const head = make('tr', {}, make('th', { attributes: { scope: 'col' }, text: 'pages' }), ...names.map((text) => make('th', { text, attributes: { scope: 'col' } })));
    const rows = [...ROWS, ...FLAGS].map(([key, label, tip]) => make('tr', {},
      make('th', { attributes: { scope: 'row' } }, make('span', { class: 'term', text: label, attributes: { 'data-tip': tip, tabindex: '0' } })),
      ...names.map((name, slot) => {
        const cell = make('td', { test: `reclaim-${key}-${name}` });
        this.cells.set(`${key} ${slot}`, cell);
        return cell;
      })));
    this.zones.replaceChildren(make('table', {}, make('caption', { class: 'unseen', text: 'Each zone in numbers' }), make('thead', {}, head), make('tbody', {}, ...rows)));
  }
}
