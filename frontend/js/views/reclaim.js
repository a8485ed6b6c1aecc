// The node's reclaim beside the zones: whether kswapd sleeps and by which numbers, and how the last request ended.

import { byId, setText } from '../draw/dom.js';
import { quantity } from '../draw/format.js';
import { kswapdReason, kswapdState, kswapdTask, requestWords } from '../draw/nodewords.js';
import { refusalWords } from '../actions.js';
import { prefs } from '../state/prefs.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

const VIEWER = 'This page only watches: it is connected as a viewer.';

export class ReclaimView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   */
  constructor(lab, ui, actions) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.part = byId('reclaim', HTMLElement);
    this.state = byId('kswapd-state', HTMLElement);
    this.because = byId('kswapd-because', HTMLElement);
    this.request = byId('last-request', HTMLElement);
    this.step = byId('kswapd-step', HTMLButtonElement);
    /** What the last step said, as long as nothing else has happened. */
    this.said = { text: '', op: -1 };
    this.step.addEventListener('click', () => this.#step());
    const more = byId('reclaim-more', HTMLButtonElement);
    more.addEventListener('click', () => ui.drawer.set(ui.drawer.value === 'reclaim' ? null : 'reclaim'));
    ui.drawer.watch((open) => more.setAttribute('aria-expanded', String(open === 'reclaim')));
    prefs.watch(() => this.draw());
    lab.number.watch(() => { this.said = { text: '', op: -1 }; });
  }

  /** Once a frame. */
  draw() {
    const { node } = this.lab;
    if (!node) return;
    const { unit } = prefs.value;
    const say = (/** @type {number} */ pages) => quantity(pages, unit);
    const awake = node.numbers.kswapd_awake !== 0;
    setText(this.state, kswapdState(node));
    const said = this.said.op === this.lab.op ? this.said.text : '';
    setText(this.because, [said, kswapdReason(node, say), kswapdTask(node)].filter(Boolean).join(' '));
    setText(this.request, requestWords(node, say));
    this.part.dataset.kswapd = awake ? 'awake' : 'asleep';
    this.part.dataset.verdict = node.verdict;
    this.#allow(awake);
  }

  /** @param {boolean} awake */
  #allow(awake) {
    const why = this.lab.hello.value?.role === 'viewer' ? VIEWER : awake ? '' : 'kswapd is asleep: there is no step to take.';
    this.step.setAttribute('aria-disabled', String(why !== ''));
    const title = why || 'One priority of balance_pgdat';
    if (this.step.title !== title) this.step.title = title;
  }

  async #step() {
    if (this.step.getAttribute('aria-disabled') === 'true') return;
    this.ui.acted.set(this.lab.op);
    try {
      const { words = [], op } = await this.actions.kswapdStep();
      const text = `Step: ${words.join('; ')}.`;
      this.said = { text, op };
      this.ui.told.set({ text, op });
      this.draw();
    } catch (refusal) {
      this.ui.say(refusalWords(refusal), 'error');
    }
  }
}
