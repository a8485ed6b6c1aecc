// Steps: the last operations as the kernel ran them, function by function, in the service's words.

import { byId, make } from '../draw/dom.js';
import { cellChip } from '../draw/cellchip.js';
import { counted, grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Steps} Steps
 * @typedef {import('../types.js').StepOperation} StepOperation
 * @typedef {import('../draw/cellchip.js').OpenCell} OpenCell
 * @typedef {{op: number, step: number, whole: boolean, branch: number}} Here where the lab stands
 */

const ASK_MS = 250;
const LAST = 12;

export class StepsView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {OpenCell} openCell
   */
  constructor(lab, ui, actions, openCell) {
    this.openCell = openCell;
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.panel = byId('drawer-steps', HTMLElement);
    this.asking = false;
    this.askedAt = -Infinity;
    /** What the list on show answers to. */
    this.shown = '';
    /** The reader is in the list: it keeps still. */
    this.reading = false;
    this.panel.addEventListener('pointerenter', () => { this.reading = true; });
    this.panel.addEventListener('pointerleave', () => { this.reading = false; });
    this.panel.addEventListener('focusin', () => { this.reading = true; });
    this.panel.addEventListener('focusout', () => { this.reading = false; });
    ui.drawer.watch(() => this.draw());
    ui.stepsOf.watch(() => this.draw());
  }

  /** Once a frame. */
  draw() {
    const { moment, op } = this.lab;
    this.arrive({ op, step: moment?.step ?? 0, whole: moment?.whole ?? true, branch: moment?.branch ?? 0 });
  }

  /**
   * The lab stands here: told with each frame, and before that by who went there, so that the words are not behind the picture.
   * @param {Here} here
   */
  arrive(here) {
    if (this.ui.drawer.value !== 'steps') return;
    const one = this.ui.stepsOf.value;
    const key = `${one ?? ''} ${one === null ? here.op : ''} ${here.whole ? '' : here.step} ${here.branch}`;
    const still = one === null && this.reading && this.panel.scrollTop > 0;
    const wait = this.askedAt + ASK_MS - performance.now();
    if (key === this.shown || this.asking || still || wait > 0 || this.lab.connection.value.phase !== 'live') return;
    this.#ask(one, key, here);
  }

  /**
   * @param {number|null} one
   * @param {string} key
   * @param {Here} here
   */
  async #ask(one, key, here) {
    this.asking = true;
    this.askedAt = performance.now();
    try {
      this.#show(await (one === null ? this.actions.steps(LAST) : this.actions.stepsOf(one)), one, here);
      this.shown = key;
    } catch (error) {
      this.panel.replaceChildren(make('p', { class: 'error', text: refusalWords(error) }));
      this.shown = key;
    } finally {
      this.asking = false;
      setTimeout(() => this.draw(), ASK_MS);
    }
  }

  /**
   * @param {Steps} steps
   * @param {number|null} one
   * @param {Here} here
   */
  #show(steps, one, here) {
    const place = this.panel.scrollTop;
    const newestFirst = [...steps.operations].reverse();
    /** @type {Node[]} */
    const parts = newestFirst.map((op) => operation(op, !here.whole && op.op === here.op ? here.step : Infinity, this.openCell));
    if (one !== null) {
      parts.unshift(make('p', {}, make('button', {
        text: 'Back to the newest', attributes: { type: 'button' }, test: 'steps-newest', on: {
          click: () => {
            this.panel.focus();
            this.ui.stepsOf.set(null);
          },
        },
      })));
    }
    if (steps.gap !== null && steps.gap !== undefined) parts.push(make('p', { class: 'muted', text: `The log keeps operations from ${grouped(steps.gap)} on; what came before has been written over.` }));
    if (newestFirst.length === 0) parts.push(make('p', { class: 'muted', text: 'No operation yet: run, step, or act on a block.' }));
    this.panel.replaceChildren(...parts);
    this.panel.scrollTop = place;
  }
}

/**
 * @param {StepOperation} op
 * @param {number} done writes of it that are done
 * @param {OpenCell} openCell
 */
function operation(op, done, openCell) {
  const words = typeof op.words === 'string' ? [op.words] : [...op.words ?? []];
  // The first sentence mostly is the title with its outcome: then it is the title.
  const title = words[0]?.startsWith(op.title) ? words.shift() ?? '' : op.title;
  let before = '';
  let writes = 0;
  const records = op.records.map((record) => {
    const site = record.site === before ? '' : record.site;
    before = record.site;
    const asked = record.kind === 'cell';
    const isDone = writes < done;
    if (!asked) writes += 1;
    return make('li', { class: [asked ? 'asked' : '', isDone ? '' : 'undone'].join(' ').trim(), title: isDone ? '' : 'not done yet at this moment' },
      make('code', { text: site }), make('span', {}, record.words, ...cellChip(op.cells[record.cell ?? ''], openCell)));
  });
  const element = make('section', { class: 'operation', data: { op: String(op.op) }, test: 'operation' },
    make('h3', {}, make('span', { class: 'number', text: grouped(op.op) }), title),
    ...words.map((text) => make('p', { text })),
    make('ol', {}, ...records));
  if (op.more > 0) element.append(make('p', { class: 'muted', text: `and ${counted(op.more, 'write')} more` }));
  return element;
}
