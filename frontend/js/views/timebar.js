// The bar at the foot: undo, back and on by operation or write, the scrubber over the whole run, where one stands.

import { byId, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

export class TimebarView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   */
  constructor(lab, ui, actions) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.scrubber = byId('time-scrubber', HTMLInputElement);
    this.field = byId('time-op', HTMLInputElement);
    this.words = byId('time-words', HTMLElement);
    this.undoing = byId('undo', HTMLButtonElement);
    this.redoing = byId('redo', HTMLButtonElement);
    const button = (/** @type {string} */ id) => byId(id, HTMLButtonElement);
    this.backward = ['time-first', 'time-back', 'time-step-back'].map(button);
    this.last = button('time-last');
    /** The hand is on the scrubber: it shows where that is, not where the lab has got to. */
    this.held = false;
    /** Where the hand wants to be next; only the newest counts. @type {number|null} */
    this.wanted = null;
    this.going = false;

    this.#does('undo', () => actions.undo());
    this.#does('redo', () => actions.redo());
    this.#does('time-first', () => actions.seek(lab.moment?.firstOp ?? 0));
    this.#does('time-last', () => actions.seek(lab.moment?.tip ?? 0));
    this.#does('time-back', () => actions.back('operation'));
    this.#does('time-on', () => actions.forward('operation'));
    this.#does('time-step-back', () => actions.back('step'));
    this.#does('time-step-on', () => actions.forward('step'));
    this.scrubber.addEventListener('input', () => this.#scrub());
    this.scrubber.addEventListener('change', () => { this.held = false; });
    byId('time-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const op = Number(this.field.value.replace(/[\s\u202f,.]/g, ''));
      if (Number.isInteger(op) && op >= 0) this.told(actions.seek(op));
      else ui.say(`${this.field.value} is no number of an operation.`, 'error');
      this.field.blur();
    });
  }

  /** @param {string} id @param {() => Promise<unknown>} deed */
  #does(id, deed) {
    const button = byId(id, HTMLButtonElement);
    button.addEventListener('click', () => {
      if (button.getAttribute('aria-disabled') !== 'true') this.told(deed());
    });
  }

  /** @param {Promise<any>} answer */
  async told(answer) {
    try {
      const { words } = await answer;
      if (words?.length) this.ui.say(`${words[0][0].toUpperCase()}${words[0].slice(1)}.`);
    } catch (error) {
      this.ui.say(refusalWords(error), 'error');
    }
  }

  /** To the mark before or after this operation. @param {-1|1} way */
  mark(way) {
    const { op } = this.lab;
    const ops = [...new Set(this.lab.marks.map((mark) => mark.op))].sort((a, b) => a - b);
    const to = way < 0 ? ops.filter((mark) => mark < op).pop() : ops.find((mark) => mark > op);
    if (to === undefined) this.ui.say(way < 0 ? 'There is no mark before this operation.' : 'There is no mark after this operation.');
    else this.told(this.actions.seek(to));
  }

  /** To the operation that a place of the history stands for. @param {number} op */
  go(op) {
    this.wanted = op;
    this.#follow();
  }

  #scrub() {
    this.held = true;
    this.go(Number(this.scrubber.value));
  }

  /** One journey at a time, and then to wherever the hand is by now. */
  async #follow() {
    if (this.going) return;
    this.going = true;
    while (this.wanted !== null) {
      const op = this.wanted;
      this.wanted = null;
      await this.told(this.actions.seek(op));
    }
    this.going = false;
  }

  /** Once a frame. */
  draw() {
    const { lab } = this;
    const { moment } = lab;
    if (!moment) return;
    const { op } = lab;
    const most = String(Math.max(moment.tip, op));
    if (this.scrubber.max !== most) this.scrubber.max = most;
    if (this.scrubber.min !== String(moment.firstOp)) this.scrubber.min = String(moment.firstOp);
    if (!this.held && !this.going && this.scrubber.value !== String(op)) this.scrubber.value = String(op);
    if (document.activeElement !== this.field && this.field.value !== grouped(op)) this.field.value = grouped(op);
    setText(this.words, wordsOf(moment, op, lab.transit.value));
    document.body.toggleAttribute('data-past', lab.past);
    const first = op <= moment.firstOp;
    for (const button of this.backward) disable(button, first);
    disable(this.last, !lab.past);
    const timeline = lab.state.value?.timeline;
    offer(this.undoing, 'Undo', timeline?.undo ?? null, 'Ctrl+Z');
    offer(this.redoing, 'Redo', timeline?.redo ?? null, 'Ctrl+Shift+Z');
  }
}

/**
 * @param {import('../types.js').Moment} moment
 * @param {number} op
 * @param {readonly [number, number][]} transit
 */
function wordsOf(moment, op, transit) {
  const ahead = moment.tip - op;
  const follows = ahead > 0 ? `${grouped(ahead)} follow${ahead === 1 ? 's' : ''}` : '';
  if (!moment.whole) {
    const pages = transit.reduce((sum, [, count]) => sum + count, 0);
    const loose = pages > 0 ? `${grouped(pages)} page${pages === 1 ? '' : 's'} between two places` : '';
    return [`write ${moment.step} of ${moment.steps}`, loose, follows].filter(Boolean).join(' · ');
  }
  return follows || 'now';
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} word
 * @param {string|null} what
 * @param {string} key
 */
function offer(button, word, what, key) {
  disable(button, what === null);
  const title = what === null ? `Nothing to ${word.toLowerCase()}` : `${word}: ${what} (${key})`;
  if (button.title !== title) button.title = title;
}

/**
 * Written only where it differs.
 * @param {HTMLButtonElement} button
 * @param {boolean} off
 */
function disable(button, off) {
  if (button.getAttribute('aria-disabled') !== String(off)) button.setAttribute('aria-disabled', String(off));
}
