// The row under the pages: the chunk that is picked, and what can be done with it. A verb that cannot apply says why.

import { byId, make, setText } from '../draw/dom.js';
import { CHUNK_VERBS, chunkName, obstacle } from '../draw/chunkwords.js';
import { grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';
import { chunkAt } from '../state/chunks.js';
import { pageThing } from '../state/things.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../pageswatch.js').PagesWatch} PagesWatch
 */

const VIEWER = 'This page only watches: it is connected as a viewer.';

export class ChunkView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {PagesWatch} watch
   */
  constructor(lab, ui, actions, watch) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.watch = watch;
    /** The verb under the pointer or the focus. */
    this.looked = '';
    this.said = { kind: '', text: '' };
    this.busy = false;
    this.words = make('p', { class: 'chunk-words', test: 'chunk-words', attributes: { id: 'chunk-words' } });
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map(CHUNK_VERBS.map(({ verb, word }) => {
      const look = (/** @type {string} */ at) => () => {
        this.looked = at;
        this.draw();
      };
      const button = make('button', {
        text: word, test: `chunk-${verb}`, attributes: { type: 'button', 'aria-describedby': 'chunk-words' },
        on: { click: () => this.act(verb), pointerenter: look(verb), pointerleave: look(''), focus: look(verb), blur: look('') },
      });
      return [verb, button];
    }));
    byId('chunk', HTMLElement).replaceChildren(this.words, make('div', { class: 'panel-tools' }, ...this.buttons.values(),
      make('button', { text: 'Why', title: 'Who changed this page last?', test: 'chunk-why', attributes: { type: 'button' }, on: { click: () => this.ui.page.value >= 0 && this.ui.ask(pageThing(this.ui.page.value)) } })));
    ui.page.watch(() => {
      this.said = { kind: '', text: '' };
      ui.picked.set(this.chunk ? chunkName(ui.page.value, this.chunk) : '');
      this.draw();
    });
  }

  get chunk() {
    const held = this.ui.inside.value < 0 ? null : this.watch.of(this.ui.inside.value);
    return held ? chunkAt(held.chunks, this.ui.page.value) : null;
  }

  /** Why nothing can be done at all. */
  get closed() {
    if (this.lab.hello.value?.role === 'viewer') return VIEWER;
    return this.lab.connection.value.phase === 'live' ? '' : 'Not connected.';
  }

  /** Once a frame. */
  draw() {
    if (this.ui.inside.value < 0) return;
    const { chunk, closed } = this;
    for (const [verb, button] of this.buttons) {
      const why = closed || obstacle(verb, chunk);
      button.setAttribute('aria-disabled', String(why !== '' || this.busy));
      if (button.title !== why) button.title = why;
    }
    const why = this.looked ? closed || obstacle(this.looked, chunk) : '';
    const told = why ? `Not now: ${why}` : this.said.text || (chunk ? chunkName(this.ui.page.value, chunk) : 'No page is picked.');
    this.words.dataset.kind = why ? 'preview' : this.said.kind;
    if (setText(this.words, told)) this.words.title = told;
  }

  /** @param {string} verb */
  async act(verb) {
    const { chunk } = this;
    if (this.busy || this.closed || obstacle(verb, chunk) || !chunk) {
      this.looked = verb;
      this.draw();
      return;
    }
    const word = CHUNK_VERBS.find((row) => row.verb === verb)?.word ?? verb;
    this.ui.acted.set(this.lab.op);
    this.busy = true;
    try {
      const result = await this.actions.onChunk(verb, chunk.head);
      const told = (result.words ?? []).join('; ') || 'done';
      this.#say('said', `${word}, PFN ${grouped(chunk.head)}, order ${chunk.order}: ${told}.`.replace('..', '.'), result.op);
    } catch (error) {
      this.#say('error', refusalWords(error));
    } finally {
      this.busy = false;
      this.draw();
    }
  }

  /**
   * @param {string} kind
   * @param {string} text
   * @param {number} [op] that it came to
   */
  #say(kind, text, op = -1) {
    this.said = { kind, text };
    this.looked = '';
    this.ui.told.set({ text, op });
  }
}
