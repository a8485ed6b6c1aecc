// The books: what the zone counts, what its lists hold, and whether the two say the same.

import { byId, make, setText, setTip } from '../draw/dom.js';
import { asProc, change, grouped, quantity, quantityWithUnit } from '../draw/format.js';
import { GLOSSARY, IDENTITIES, printedName, TYPES } from '../state/vocabulary.js';
import { bookRows, markVerdict, sentence } from '../state/ledger.js';
import { prefs } from '../state/prefs.js';
import { counterThing, ROWS } from '../state/things.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../types.js').FrameIdentity} FrameIdentity
 * @typedef {{value: HTMLElement, relation: HTMLElement, delta: HTMLElement, was: number}} Line
 */

/** By the number in a frame. What a model does not aim at is a fact, not an alarm. */
const VERDICTS = Object.freeze([
  { name: 'holds', sign: '=', words: 'holds' },
  { name: 'broken', sign: '≠', words: 'broken' },
  { name: 'not aimed at', sign: '', words: 'is false' },
  { name: 'not aimed at', sign: '', words: 'is true' },
]);

export class BooksView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   */
  constructor(lab, ui) {
    this.lab = lab;
    this.ui = ui;
    this.sentence = byId('books-sentence', HTMLElement);
    this.watermark = byId('books-watermark', HTMLElement);
    this.levels = byId('books-levels', HTMLElement);
    this.drift = byId('books-drift', HTMLElement);
    this.since = byId('books-since', HTMLElement);
    this.list = byId('identities', HTMLElement);
    /** @type {Map<string, Line>} */
    this.lines = new Map();
    /** @type {Map<string, number>} */
    this.reference = new Map();
    this.referenceOp = -1;
    /** @type {{button: HTMLElement, sign: HTMLElement, words: HTMLElement}[]} */
    this.chips = [];
    lab.hello.watch((hello) => hello && this.#build(hello.identities));
    ui.acted.watch(() => this.#refer());
    for (const another of [lab.number, lab.slot]) another.watch(() => { this.referenceOp = -1; });
    this.watermark.addEventListener('click', () => ui.ask(counterThing('watermark_ok', lab.zoneAsked)));
    this.since.addEventListener('click', () => this.#refer());
    prefs.watch(() => this.draw());
  }

  /** @param {string[]} identities */
  #build(identities) {
    const rows = this.#rows();
    for (const [id, side] of /** @type {const} */ ([['ledger-free', 'free'], ['ledger-rest', 'rest']])) {
      byId(id, HTMLElement).replaceChildren(...rows.filter((row) => row.side === side).flatMap((row) => this.#line(row.key, row.label, row.hero)));
    }
    this.chips = identities.map((name) => {
      const sign = make('span', { class: 'sign' });
      const words = make('span');
      const button = make('button', {
        title: IDENTITIES[name] ?? name, test: `identity-${name}`, attributes: { type: 'button' },
        on: { click: () => this.#driftOf(name) },
      }, sign, ` ${name} `, words);
      return { button, sign, words };
    });
    this.list.replaceChildren(...this.chips.map(({ button }) => make('li', {}, button)), make('li', { class: 'aside', text: 'not aimed at:' }));
    this.#refer();
  }

  /**
   * @param {string} key
   * @param {string} label
   * @param {boolean} hero
   */
  #line(key, label, hero) {
    const size = hero ? ' hero' : '';
    const value = make('span', { class: `value${size}`, test: `book-${key}` });
    const relation = make('span', { class: 'relation', test: `relation-${key}` });
    const delta = make('span', { class: 'delta' });
    this.lines.set(key, { value, relation, delta, was: NaN });
    const [term, aside] = label.split(/ (?=\()/);
    const tip = GLOSSARY[key] ?? GLOSSARY[label] ?? '';
    const counter = ROWS[/** @type {keyof typeof ROWS} */ (key)];
    const word = counter
      ? make('button', {
        class: 'term', text: term, test: `who-${key}`, attributes: { type: 'button', 'data-tip': `${tip} Press: who changed it last?`.trim() },
        on: { click: () => this.ui.ask(counterThing(counter, this.lab.zoneAsked)) },
      })
      : make('span', { class: 'term', text: term, attributes: { tabindex: '0', 'data-tip': tip } });
    const name = make('span', { class: 'name' }, word);
    if (aside) name.append(make('span', { class: 'aside', text: ` ${aside}` }));
    return [name, value, relation, delta];
  }

  #rows() {
    const names = this.lab.hello.value?.identities ?? [];
    const verdict = this.lab.picture?.identities[names.indexOf('I2')]?.verdict ?? 0;
    return bookRows((name) => this.lab.counter(name), this.lab.picture, verdict < 2);
  }

  /** Changes count from now. */
  #refer() {
    const { picture } = this.lab;
    if (!picture) return;
    this.reference = new Map(this.#rows().map((row) => [row.key, row.pages]));
    this.referenceOp = picture.op;
    this.draw();
  }

  /** Once a frame. */
  draw() {
    const { picture } = this.lab;
    if (!picture || this.chips.length === 0) return;
    if (this.referenceOp < 0 || picture.op < this.referenceOp) {
      this.#refer();
      return;
    }
    const { unit } = prefs.value;
    setText(this.since, `${unit} · change since operation ${grouped(this.referenceOp)}`);
    const rows = this.#rows();
    for (const row of rows) {
      const line = this.lines.get(row.key);
      if (!line) continue;
      this.#write(line, row.pages, quantity(row.pages, unit));
      if (row.relation !== undefined) setText(line.relation, row.relation);
      setText(line.delta, change(row.pages - (this.reference.get(row.key) ?? row.pages), unit));
      setTip(line.value, asProc(row.pages));
    }
    const counter = (/** @type {string} */ name) => this.lab.counter(name);
    setText(this.sentence, sentence(counter('nr_free_pages'), counter('usable'), (pages) => quantityWithUnit(pages, unit)));
    const { verdict, levels } = markVerdict(counter, (pages) => quantity(pages, unit));
    setText(this.watermark, verdict);
    this.watermark.hidden = !levels;
    setText(this.levels, levels);
    this.#identities(picture.identities);
  }

  /**
   * A number that changed brightens; while the zone runs all change all the time, and none does.
   * @param {Line} line
   * @param {number} pages
   * @param {string} text
   */
  #write(line, pages, text) {
    if (!setText(line.value, text)) return;
    const first = Number.isNaN(line.was);
    line.was = pages;
    line.value.toggleAttribute('data-long', text.length > 6);
    // From forty GiB on, in pages.
    line.value.toggleAttribute('data-longer', text.length > 9);
    if (first || this.lab.running.value) return;
    line.value.classList.remove('changed');
    requestAnimationFrame(() => line.value.classList.add('changed'));
  }

  /** @param {FrameIdentity[]} identities */
  #identities(identities) {
    const names = this.lab.hello.value?.identities ?? [];
    let drift = '';
    identities.forEach((identity, i) => {
      const chip = this.chips[i];
      if (!chip) return;
      const verdict = VERDICTS[identity.verdict];
      setText(chip.sign, verdict.sign);
      setText(chip.words, verdict.words);
      chip.button.dataset.verdict = verdict.name;
      chip.button.parentElement?.toggleAttribute('data-aside', identity.verdict > 1);
      const because = this.lab.verdicts.value.find(({ identity, zone }) => identity === names[i] && zone === this.lab.row?.zone)?.because;
      chip.button.title = [`${IDENTITIES[names[i]] ?? names[i]}.`, because ?? ''].join(' ').trim();
      if (identity.verdict === 1 && !drift) drift = driftWords(names[i], identity);
    });
    const { moment } = this.lab;
    const amid = moment && !moment.whole ? `Amid operation ${grouped(this.lab.op)}: what is written so far. ` : '';
    setText(this.drift, `${amid}${drift || aimWords(identities)}`);
  }

  /** One that is broken opens the ledger at what broke it. @param {string} name */
  #driftOf(name) {
    const at = this.lab.hello.value?.identities.indexOf(name) ?? -1;
    if (this.lab.picture?.identities[at]?.verdict !== 1) return;
    this.ui.drift.set(name);
    this.ui.drawer.set('ledger');
  }
}

/**
 * @param {string} name
 * @param {FrameIdentity} identity
 */
function driftWords(name, identity) {
  const order = identity.order >= 0 ? `order ${identity.order}` : '';
  const type = identity.migratetype >= 0 ? printedName(TYPES[identity.migratetype].name) : '';
  const where = [order, type].filter(Boolean).join(' ');
  const since = identity.firstOp ? ` Since operation ${grouped(identity.firstOp)}.` : '';
  return `${name} ≠ ${where ? `at ${where}: ` : ''}expected ${grouped(identity.expected)}, got ${grouped(identity.got)}.${since}`;
}

/** @param {FrameIdentity[]} identities */
function aimWords(identities) {
  return identities.some((identity) => identity.verdict === 0) ? 'What this model aims at holds.' : '\u00a0';
}
