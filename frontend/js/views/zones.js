// The zones of a node as tabs, each with its count live against its marks; the one chosen is shown below.

import { byId, make, setText } from '../draw/dom.js';
import { quantity } from '../draw/format.js';
import { barPlace, belowMark, standTip, standWords } from '../draw/nodewords.js';
import { roving, stopAt } from '../draw/roving.js';
import { prefs } from '../state/prefs.js';
import { isNode } from '../state/zones.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/node.js').ZoneSummary} ZoneSummary
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../zonewatch.js').ZoneWatch} ZoneWatch
 * @typedef {{tab: HTMLElement, free: HTMLElement, words: HTMLElement, solid: HTMLElement, hatched: HTMLElement, ticks: HTMLElement[]}} Tab
 */

const MARKS = /** @type {const} */ (['watermark_min', 'watermark_low', 'watermark_high']);

export class ZonesView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {ZoneWatch} watch
   */
  constructor(lab, ui, watch) {
    this.lab = lab;
    this.ui = ui;
    this.watch = watch;
    this.node = byId('node', HTMLElement);
    this.list = byId('zone-tabs', HTMLElement);
    /** @type {readonly Tab[]} */
    this.tabs = [];
    this.named = '';
    roving(this.list, '[role="tab"]', { moved: (tab) => tab.click() });
    lab.state.watch(() => this.#build());
    ui.zone.watch(() => this.#mark());
    prefs.watch(() => this.draw());
  }

  #build() {
    const { state, rows } = this.lab;
    const here = isNode(state.value);
    this.node.hidden = !here;
    document.body.toggleAttribute('data-node', here);
    byId('tab-reclaim', HTMLElement).hidden = !here;
    if (state.value && !here && this.ui.drawer.value === 'reclaim') this.ui.drawer.set(null);
    const named = here ? rows.map(({ zone }) => zone).join() : '';
    if (named !== this.named) {
      this.named = named;
      this.tabs = here ? rows.map(({ zone }, slot) => this.#tab(zone, slot)) : [];
      this.list.toggleAttribute('data-many', this.tabs.length > 2);
      this.list.replaceChildren(...this.tabs.map(({ tab }) => tab));
    }
    this.#mark();
  }

  /**
   * @param {string} zone
   * @param {number} slot
   * @returns {Tab}
   */
  #tab(zone, slot) {
    const free = make('span');
    const words = make('span', { class: 'zone-words', test: `zone-words-${zone}` });
    const solid = make('i', { class: 'solid' });
    const hatched = make('i', { class: 'hatched', test: `zone-hatched-${zone}` });
    const ticks = MARKS.map((mark) => make('i', { class: 'tick', data: { mark } }));
    const bar = make('span', { class: 'zone-bar', attributes: { 'aria-hidden': 'true' } }, solid, hatched, make('i', { class: 'break' }), ...ticks);
    const tab = make('button', {
      test: `zone-${zone}`, attributes: { type: 'button', role: 'tab', 'aria-controls': 'panels' }, on: { click: () => this.watch.show(slot) },
    }, make('span', { class: 'zone-name', text: zone }), ' ',
    make('span', { class: 'zone-free', test: `zone-free-${zone}` }, free, make('span', { class: 'zone-unit', text: ' free' })), bar, words);
    return { tab, free, words, solid, hatched, ticks };
  }

  #mark() {
    const { slot } = this.watch;
    this.tabs.forEach(({ tab }, i) => tab.setAttribute('aria-selected', String(i === slot)));
    stopAt(this.list, '[role="tab"]', this.tabs[slot]?.tab);
  }

  /** Once a frame. */
  draw() {
    const zones = this.lab.node?.zones ?? [];
    if (zones.length !== this.tabs.length) return;
    zones.forEach((zone, slot) => show(this.tabs[slot], zone));
  }
}

/**
 * @param {Tab} tab
 * @param {ZoneSummary} zone
 */
function show({ tab, free, words, solid, hatched, ticks }, zone) {
  const { unit } = prefs.value;
  const say = (/** @type {number} */ pages) => quantity(pages, unit);
  setText(free, say(zone.nr_free_pages));
  if (setText(words, standWords(zone, say))) tab.dataset.below = belowMark(zone);
  const tip = standTip(zone);
  if (tab.title !== tip) tab.title = tip;
  const given = barPlace(zone.usable, zone);
  const countedTo = barPlace(zone.nr_free_pages, zone);
  place(solid, 0, given);
  place(hatched, given, Math.max(given, countedTo));
  MARKS.forEach((mark, i) => place(ticks[i], barPlace(zone[mark], zone), null));
}

/**
 * @param {HTMLElement} part
 * @param {number} from
 * @param {number|null} to null: a line
 */
function place(part, from, to) {
  const left = `${(from * 100).toFixed(2)}%`;
  if (part.style.left !== left) part.style.left = left;
  const width = to === null ? '' : `${((to - from) * 100).toFixed(2)}%`;
  if (part.style.width !== width) part.style.width = width;
}
