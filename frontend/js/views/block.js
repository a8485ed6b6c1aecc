// The strip under the map: what is selected, and what can be done with it. A verb that cannot apply says why.

import { byId, make, setText } from '../draw/dom.js';
import { grouped, quantity, quantityWithUnit } from '../draw/format.js';
import { hangWords } from '../draw/nodewords.js';
import { BLOCK_VERBS, HANGS, refusalWords } from '../actions.js';
import { asBlocks, count, selectionName } from '../state/selection.js';
import { prefs } from '../state/prefs.js';
import { blockThing } from '../state/things.js';
import { printedName, TYPES } from '../state/vocabulary.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Preview} Preview
 * @typedef {import('../types.js').CommandResult} CommandResult
 */

/** A preview goes stale with the next operation; it is asked for again, but not more often than this. */
const ASK_MS = 250;
const VIEWER = 'This page only watches: it is connected as a viewer.';
/** Verbs that can take many blocks as one piece of memory. */
const TOGETHER = Object.freeze(['offline', 'online']);
const NOTHING_YET = 'Click a block on the map, or move to one with the arrow keys.';

export class BlockView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   */
  constructor(lab, ui, actions) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    /** @type {Preview|null} */
    this.preview = null;
    this.asking = false;
    this.askedAt = -Infinity;
    this.askedOp = -1;
    /** @type {unknown} */
    this.askedFor = null;
    /** The verb under the pointer or the focus. */
    this.looked = '';
    /** What the last verb said; shown until the pointer looks at a verb or another block is picked. */
    this.said = { kind: '', text: '' };
    /** @type {number|null} */
    this.busy = null;
    this.#build();
    ui.selection.watch(() => {
      this.preview = null;
      if (!this.busy) this.said = { kind: '', text: '' };
      this.#refresh();
      this.#write();
    });
    lab.connection.watch(() => this.#write());
    prefs.watch(() => this.#write());
  }

  #build() {
    this.name = make('span', { class: 'block-name', test: 'block-name' });
    this.facts = make('span', { class: 'block-facts', test: 'block-facts' });
    const why = make('button', { text: 'Why', title: 'Who changed this pageblock last?', test: 'block-why', class: 'block-more', attributes: { type: 'button' }, on: { click: () => this.#why() } });
    const more = make('button', { text: 'Details', test: 'block-more', attributes: { type: 'button' }, on: { click: () => this.ui.drawer.set('block') } });
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map(BLOCK_VERBS.map(({ verb, word, key }) => {
      const button = make('button', {
        test: `verb-${verb}`, attributes: { type: 'button', 'aria-describedby': 'block-words' },
        on: {
          click: () => this.act(verb),
          pointerenter: () => this.#look(verb), pointerleave: () => this.#look(''),
          focus: () => this.#look(verb), blur: () => this.#look(''),
        },
      }, word);
      if (key) button.append(' ', make('kbd', { text: key }));
      return [verb, button];
    }));
    this.type = make('select', {
      test: 'verb-set_block_type', attributes: { 'aria-label': 'Set the type of the selected blocks' },
      on: { change: () => this.#setType() },
    }, make('option', { text: 'Set type…', attributes: { value: '' } }),
    ...TYPES.filter(({ name }) => name !== 'ISOLATE').map(({ name, printed }) => make('option', { text: printed, attributes: { value: name } })));
    this.together = make('input', { test: 'together', attributes: { type: 'checkbox' } });
    this.pieces = make('label', { class: 'together', title: 'Offline and Online take the selected blocks as one piece of memory: all of it, or nothing', attributes: { hidden: '' } }, this.together, ' as one piece');
    const alloc = make('button', { text: 'Allocate', test: 'alloc-button', attributes: { type: 'button', popovertarget: 'alloc-menu' }, });
    const drain = make('button', { text: 'Drain pcp', test: 'verb-drain', attributes: { type: 'button' }, on: { click: () => this.#drain() } });
    this.words = make('p', { class: 'block-words', test: 'block-words', attributes: { id: 'block-words' } });
    this.bar = make('progress', { test: 'block-progress' });
    this.barWords = make('span');
    this.progress = make('div', { class: 'block-progress', attributes: { hidden: '' } }, this.bar, this.barWords,
      make('button', { text: 'Stop', test: 'block-cancel', attributes: { type: 'button' }, on: { click: () => this.#cancel() } }));
    byId('block', HTMLElement).replaceChildren(
      make('div', { class: 'block-head' }, this.name, this.facts, this.pieces, why, more),
      make('div', { class: 'verbs' }, ...this.buttons.values(), make('span', { class: 'verbs-more' }, this.type, alloc, drain)),
      this.words, this.progress,
    );
  }

  #why() {
    const [first] = this.ui.selection.value.ranges;
    if (first) this.ui.ask(blockThing(first[0]));
    else this.#look('');
  }

  /** Once a frame: the numbers may have moved on. */
  draw() {
    this.#refresh();
  }

  /**
   * @param {string} verb
   */
  act(verb) {
    const applies = this.preview?.verbs[verb]?.applies ?? true;
    if (count(this.ui.selection.value) === 0 || !applies || this.busy !== null) {
      this.#look(verb);
      return;
    }
    const fields = verb === 'fill' ? { order: 0, migratetype: 'MOVABLE' } : TOGETHER.includes(verb) && this.#asOnePiece ? { together: true } : {};
    this.#send(verb, BLOCK_VERBS.find((row) => row.verb === verb)?.word ?? verb, fields);
  }

  get #asOnePiece() {
    return count(this.ui.selection.value) > 1 && (this.together?.checked ?? false);
  }

  #setType() {
    const migratetype = this.type?.value ?? '';
    if (!migratetype || count(this.ui.selection.value) === 0) return;
    this.#send('set_block_type', `Set ${printedName(migratetype)}`, { migratetype });
    if (this.type) this.type.value = '';
  }

  /**
   * @param {string} verb
   * @param {string} word
   * @param {Record<string, unknown>} fields
   */
  async #send(verb, word, fields) {
    const { selection } = this.ui;
    this.ui.acted.set(this.lab.op);
    const running = this.lab.running.value;
    const total = count(selection.value);
    const name = selectionName(selection.value);
    this.busy = 0;
    this.#say('', `${word}: ${name}…`);
    try {
      const result = await this.actions.onBlocks(verb, asBlocks(selection.value), fields,
        (progress) => this.#advance(progress), (id) => {
          this.busy = id;
          if (total > 1) setTimeout(() => this.busy === id && this.#advance({ done: 0, total, counts: {} }), 200);
        });
      if (result.errno === HANGS || result.counts?.[HANGS]) this.ui.say(`${word}, ${name}. ${hangWords((result.refused ?? []).map(({ words }) => words))}`, 'hang');
      this.#say('said', `${word}, ${name}: ${resultWords(result, total)}${running ? ` Applied to now, operation ${grouped(result.op)}.` : ''}`, result.op);
    } catch (error) {
      this.#say('error', refusalWords(error));
    } finally {
      this.busy = null;
      this.#endProgress(verb);
      this.askedOp = -1;
      this.#refresh();
    }
  }

  async #drain() {
    try {
      const result = await this.actions.drain();
      this.#say('said', `Drain pcp: ${(result.words ?? []).join('; ') || 'done.'}`, result.op);
    } catch (error) {
      this.#say('error', refusalWords(error));
    }
  }

  /** @param {{done: number, total: number, counts: Record<string, number>}} progress */
  #advance({ done, total, counts }) {
    if (!this.progress || !this.bar || !this.barWords) return;
    this.progress.hidden = false;
    this.bar.max = total;
    this.bar.value = done;
    setText(this.barWords, `${grouped(done)} of ${grouped(total)} blocks${tally(counts)}`);
  }

  /** Whoever stands on Stop goes on at the verb. @param {string} verb */
  #endProgress(verb) {
    if (!this.progress || !this.buttons || !this.type) return;
    if (this.progress.contains(document.activeElement)) (this.buttons.get(verb) ?? this.type).focus();
    // What became of it is read first, not what it would do now.
    this.#look('');
    this.progress.hidden = true;
  }

  #cancel() {
    if (this.busy) this.actions.cancel(this.busy).catch((/** @type {unknown} */ error) => this.#say('error', refusalWords(error)));
  }

  /** Ask for a preview where the one held speaks of another selection or an older operation. */
  async #refresh() {
    const selection = this.ui.selection.value;
    if (count(selection) === 0 || this.lab.connection.value.phase !== 'live') return;
    if (this.asking || (this.askedFor === selection && this.askedOp === this.lab.op)) return;
    const wait = this.askedAt + ASK_MS - performance.now();
    if (wait > 0 && this.askedFor === selection) return;
    this.asking = true;
    this.askedAt = performance.now();
    this.askedOp = this.lab.op;
    this.askedFor = selection;
    try {
      const preview = await this.actions.preview(asBlocks(selection));
      if (selection === this.ui.selection.value) this.preview = preview;
    } catch (error) {
      if (selection === this.ui.selection.value) this.#say('error', refusalWords(error));
    } finally {
      this.asking = false;
      this.#write();
      // The last operation of a run must not be missed: look again after the pause.
      setTimeout(() => this.#refresh(), ASK_MS);
    }
  }

  /** @param {string} verb */
  #look(verb) {
    this.looked = verb;
    this.#write();
  }

  /**
   * @param {string} kind
   * @param {string} text
   * @param {number} [op] that it came to
   */
  #say(kind, text, op = -1) {
    this.said = { kind, text };
    if (kind) this.ui.told.set({ text, op });
    this.#write();
  }

  #write() {
    if (!this.name || !this.facts || !this.words || !this.buttons) return;
    const selection = this.ui.selection.value;
    const live = this.lab.connection.value.phase === 'live';
    const viewer = this.lab.hello.value?.role === 'viewer';
    setText(this.name, selectionName(selection));
    setText(this.facts, this.preview ? factsWords(this.preview) : '');
    if (this.pieces) this.pieces.hidden = count(selection) < 2;
    for (const [verb, button] of this.buttons) {
      const off = count(selection) === 0 || !live || viewer || this.preview?.verbs[verb]?.applies === false;
      button.setAttribute('aria-disabled', String(off));
      button.title = viewer ? VIEWER : this.preview?.verbs[verb]?.reason ?? '';
    }
    const looked = this.looked && this.preview?.verbs[this.looked];
    if (viewer && this.looked) {
      this.words.dataset.kind = 'preview';
      setText(this.words, VIEWER);
    } else if (looked) {
      this.words.dataset.kind = 'preview';
      setText(this.words, previewWords(looked, this.preview?.op ?? 0, this.lab.running.value));
    } else {
      this.words.dataset.kind = this.said.kind;
      setText(this.words, this.said.text || (count(selection) === 0 ? NOTHING_YET : ''));
    }
  }
}

/**
 * @param {{applies: boolean, reason: string|null, words: string[]}} verb
 * @param {number} op
 * @param {boolean} running
 */
function previewWords(verb, op, running) {
  if (!verb.applies) return `Not now: ${verb.reason ?? 'it does not apply here.'}`;
  const when = running ? ` At operation ${grouped(op)}; applies to now.` : ` At operation ${grouped(op)}.`;
  return `${verb.words.join('; ')}.${when}`.replace('..', '.');
}

/** @param {Preview} preview */
function factsWords({ info }) {
  const types = Object.entries(info.migratetypes).filter(([, n]) => n > 0);
  const kinds = types.map(([name, n]) => (types.length === 1 ? printedName(name) : `${grouped(n)} ${printedName(name)}`)).join(', ');
  const { unit } = prefs.value;
  const parts = [`PFN ${grouped(info.pfn_first)}–${grouped(info.pfn_last)}`, kinds, `${quantityWithUnit(info.free, unit)} free`, `${quantity(info.allocated, unit)} allocated`];
  for (const [n, word] of /** @type {[number, string][]} */ ([[info.pinned, 'pinned'], [info.pcp, 'on pcp'], [info.reserved, 'reserved'], [info.offline, 'offline'], [info.holes, 'in holes']])) {
    if (n > 0) parts.push(`${quantity(n, unit)} ${word}`);
  }
  return parts.filter(Boolean).join(' · ');
}

/**
 * @param {CommandResult} result
 * @param {number} total
 */
function resultWords(result, total) {
  const again = result.words?.includes(result.refused?.[0]?.words ?? '') ?? false;
  const refused = result.refused?.length ? `Block ${result.refused[0].block}: ${[result.refused[0].errno, again ? '' : result.refused[0].words].filter(Boolean).join(', ')}` : '';
  const done = total > 1 ? `${grouped(result.done ?? 0)} of ${grouped(total)} done${tally(result.counts ?? {})}.` : '';
  const words = result.words ?? [];
  const told = words.length ? `${words.slice(0, 3).join('; ')}${words.length > 3 ? '; …' : '.'}` : '';
  return [done, told, refused].filter(Boolean).join(' ') || 'done.';
}

/** Refusals by name. @param {Record<string, number>} counts */
function tally(counts) {
  return Object.entries(counts).filter(([name, n]) => name !== 'done' && n > 0).map(([name, n]) => `, ${grouped(n)} ${name}`).join('');
}
