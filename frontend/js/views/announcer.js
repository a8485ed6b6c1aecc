// The page for those who hear it: what an act did, which identity broke or healed, how a running zone does.

import { byId, setText } from '../draw/dom.js';
import { spoken } from '../draw/format.js';
import { grainWords } from '../draw/mapwords.js';
import { requestWords } from '../draw/nodewords.js';
import { count, selectionName } from '../state/selection.js';
import { Speech } from '../state/speech.js';
import { cellWords } from '../state/vocabulary.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../state/speech.js').Kind} Kind
 */

/** At rest an operation is told this long after it was seen: a step held down is told by its last. */
const SETTLED_MS = 250;

export class Announcer {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   */
  constructor(lab, ui, actions) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.region = byId('announcer', HTMLElement);
    this.speech = new Speech();
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.alarm = undefined;
    /** The newest operation that was told, or that needs no telling. */
    this.toldOp = -1;
    /** The newest that a verb told of itself. */
    this.actedOp = -1;
    this.settling = false;
    /** Verdicts as last said, by identity. @type {Map<string, number>} */
    this.verdicts = new Map();
    /** How the last request of a node ended, as last looked at. */
    this.ending = '';
    lab.slot.watch(() => { this.verdicts = new Map(); });
    let phase = lab.connection.value.phase;
    lab.connection.watch((now) => {
      if (now.phase === phase) return;
      const first = phase === 'connecting';
      phase = now.phase;
      if (!first || phase !== 'live') this.#offer('act', () => (phase === 'live' ? 'Live again.' : `${phase}.`));
    });
    lab.running.watch((running) => {
      if (!lab.picture) return;
      this.speech.withdraw('hum');
      this.toldOp = lab.op;
      this.#offer('act', () => (running ? 'Running.' : `Paused. ${this.#numbers()}`));
    });
    ui.told.watch((told) => {
      if (!told) return;
      this.toldOp = Math.max(this.toldOp, told.op);
      this.actedOp = told.op;
      if (told.text) this.#offer('act', () => told.text);
    });
    ui.selection.watch((selection) => {
      if (selection.focus >= 0) this.#offer('place', () => this.#place());
    });
    let grain = 0;
    ui.grain.watch((blocks) => {
      const changed = grain > 0 && blocks !== grain;
      grain = blocks;
      if (changed) this.#offer('act', () => `${grainWords(this.ui.grain.value)}.`);
    });
    ui.picked.watch((name) => {
      // Thin spaces are for the eye.
      if (name) this.#offer('place', () => `${this.ui.picked.value.replaceAll('\u202f', '')}.`);
    });
  }

  /** Once a frame. */
  draw() {
    const { picture } = this.lab;
    if (!picture) return;
    this.#judge();
    this.#watchRequests();
    if (this.lab.running.value) {
      this.toldOp = picture.op;
      this.#offer('hum', () => this.#numbers());
    } else if (this.toldOp < 0 || picture.op < this.toldOp) this.toldOp = picture.op;
    else if (picture.op > this.toldOp && !this.settling) {
      this.settling = true;
      setTimeout(() => this.#tell(), SETTLED_MS);
    }
  }

  /** The sentence of the newest operation, unless the verb that caused it has said its own. */
  async #tell() {
    const { op } = this.lab;
    try {
      if (op <= this.toldOp || this.lab.running.value) return;
      this.toldOp = op;
      const { operations } = await this.actions.stepsOf(op);
      // Its verb may have answered meanwhile.
      if (op <= this.actedOp) return;
      const told = operations[operations.length - 1];
      const words = told ? [told.words ?? told.title].flat().join(' ') : '';
      if (words) this.#offer('act', () => `Operation ${spoken(op)}: ${words}`);
    } catch {
      // Refused or cut off: the connection's own words say so.
    } finally {
      this.settling = false;
    }
  }

  /** What broke or healed since it was last said; what did both in between is not said at all. */
  #judge() {
    const now = this.#identities();
    const first = this.verdicts.size === 0;
    if (first) this.verdicts = now;
    if (first || [...now].every(([name, verdict]) => (verdict === 1) === (this.verdicts.get(name) === 1))) return;
    this.#offer('verdict', () => {
      const latest = this.#identities();
      const words = [...latest].map(([name, verdict]) => {
        const was = this.verdicts.get(name);
        if (verdict === 1 && was !== 1) return `${name} is broken.`;
        return verdict === 0 && was === 1 ? `${name} holds again.` : '';
      });
      this.verdicts = latest;
      return words.filter(Boolean).join(' ');
    });
  }

  /** A request that goes round for ever is told, whoever made it. */
  #watchRequests() {
    const ending = this.lab.node?.verdict ?? '';
    const before = this.ending;
    this.ending = ending;
    if (ending === before || before === '' || (ending !== 'LIVELOCK' && ending !== 'PANIC')) return;
    this.#offer('verdict', () => {
      const { node } = this.lab;
      return node ? requestWords(node, spoken) : '';
    });
  }

  #identities() {
    const names = this.lab.hello.value?.identities ?? [];
    return new Map((this.lab.picture?.identities ?? []).map(({ verdict }, i) => [names[i] ?? '', verdict]));
  }

  #numbers() {
    return `Operation ${spoken(this.lab.op)}, NR_FREE_PAGES ${spoken(this.lab.counter('nr_free_pages'))}, usable ${spoken(this.lab.counter('usable'))}.`;
  }

  #place() {
    const { picture } = this.lab;
    const selection = this.ui.selection.value;
    if (!picture || selection.focus < 0) return '';
    const known = this.lab.known(selection.focus);
    const words = known ? cellWords(known.cell) : '';
    const here = known && known.first < known.last ? `Blocks ${known.first}–${known.last}` : `Block ${selection.focus}`;
    const name = selectionName(selection);
    return count(selection) > 0 && name === here ? `${here}: ${words}.` : `${here}: ${words}. ${name}.`;
  }

  /**
   * @param {Kind} kind
   * @param {() => string} words
   */
  #offer(kind, words) {
    this.speech.offer(kind, words);
    this.#speak();
  }

  #speak() {
    clearTimeout(this.alarm);
    const text = this.speech.take(performance.now());
    // The same sentence twice is no change to a live region, and would not be heard.
    if (text) setText(this.region, this.region.textContent === text ? `${text}\u00a0` : text);
    const wait = this.speech.wait(performance.now());
    if (wait !== null) this.alarm = setTimeout(() => this.#speak(), Math.max(wait, 1));
  }
}
