// The ledger: every page in exactly one account; what the operation at hand moved; what counters claim, and where they drifted.

import { byId, make, setText } from '../draw/dom.js';
import { cellChip } from '../draw/cellchip.js';
import { changeRow, signed } from '../draw/changerow.js';
import { counted, grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';
import { accountName, byOrder, claimRows, driftRows } from '../state/accounts.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Ledger} Ledger
 * @typedef {import('../types.js').Drift} Drift
 * @typedef {import('../draw/cellchip.js').OpenCell} OpenCell
 */

const ASK_MS = 400;

export class LedgerView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {Actions} actions
   * @param {OpenCell} openCell
   */
  constructor(lab, ui, actions, openCell) {
    this.lab = lab;
    this.ui = ui;
    this.actions = actions;
    this.openCell = openCell;
    this.asking = false;
    this.askedAt = -Infinity;
    this.shown = '';
    this.drift = make('section', { test: 'drift' });
    this.postings = make('section', { test: 'postings' });
    this.claims = make('section', { test: 'claims' });
    this.accounts = make('section', { test: 'accounts' });
    byId('drawer-ledger', HTMLElement).replaceChildren(this.drift, this.claims, this.postings, this.accounts);
    ui.drawer.watch(() => this.draw());
    ui.drift.watch(() => this.draw());
  }

  /** Once a frame. */
  draw() {
    const { lab, ui } = this;
    if (ui.drawer.value !== 'ledger' || !lab.picture || this.asking || lab.connection.value.phase !== 'live') return;
    const { moment } = lab;
    const key = `${ui.drift.value} ${lab.zoneAsked} ${lab.op} ${moment?.step} ${moment?.whole} ${moment?.branch}`;
    if (key === this.shown || performance.now() < this.askedAt + (lab.running.value ? 3 * ASK_MS : ASK_MS)) return;
    this.#ask(key);
  }

  /** @param {string} key */
  async #ask(key) {
    this.asking = true;
    this.askedAt = performance.now();
    this.shown = key;
    try {
      const zone = this.lab.zoneAsked;
      const ledger = await this.actions.ledger(zone);
      const identity = this.ui.drift.value || ledger.claims.find(({ claimed, real }) => claimed !== real)?.identity;
      this.#showDrift(identity ? await this.actions.drift(identity, zone) : null);
      this.#showClaims(ledger);
      this.#showPostings(ledger);
      this.#showAccounts(ledger);
    } catch (error) {
      this.drift.replaceChildren(make('p', { class: 'error', text: refusalWords(error) }));
      for (const section of [this.claims, this.postings, this.accounts]) section.replaceChildren();
    } finally {
      this.asking = false;
      setTimeout(() => this.draw(), ASK_MS);
    }
  }

  /** @param {Drift|null} drift */
  #showDrift(drift) {
    if (!drift?.together) {
      this.drift.replaceChildren();
      return;
    }
    const { identity, together, moves, count } = drift;
    const names = this.lab.hello.value?.identities ?? [];
    const broken = this.lab.picture?.identities[names.indexOf(identity)]?.verdict === 1;
    const go = make('button', {
      text: 'Go to the write that broke it', test: 'go-to-break', class: 'primary', attributes: { type: 'button' },
      on: { click: () => this.#told(this.actions.goToBreak(identity, this.lab.zoneAsked)) },
    });
    const focused = this.drift.contains(document.activeElement);
    this.drift.replaceChildren(
      make('h3', { text: `${identity}: ${counted(count, 'operation')} moved its difference, the first was ${grouped(together.op)}` }),
      ...(broken ? [make('p', {}, go)] : []),
      grid('What they did together, order by order', this.lab.picture?.orders ?? 0, driftRows(together)),
      make('ol', { class: 'changes' }, ...moves.map((move) => make('li', {}, changeRow(
        { ...move, amount: move.gap ? signed(move.gap) : '', words: byOrder(move) }, false, (op, step) => this.#told(this.actions.seek(op, step)))))),
      ...(count > moves.length ? [make('p', { class: 'muted', text: `and ${counted(count - moves.length, 'operation')} before` })] : []));
    if (focused) (this.drift.querySelector('button') ?? byId('tab-ledger', HTMLElement)).focus();
  }

  /** @param {Ledger} ledger */
  #showClaims({ claims }) {
    const rows = claimRows(claims);
    this.claims.replaceChildren(
      make('h3', { text: 'What the kernel’s counters claim' }),
      table('Claims', ['', 'claimed', 'there is', 'difference'], rows.map(({ name, claimed, real, counts }) => ({
        cells: [name, grouped(claimed), `${grouped(real)} ${counts}`, claimed === real ? '=' : `≠ ${signed(claimed - real)}`], alarm: claimed !== real,
      }))));
  }

  /** @param {Ledger} ledger */
  #showPostings({ op, title, postings, count, cells }) {
    if (title === null) {
      this.postings.replaceChildren(make('p', { class: 'muted', text: 'The log does not tell of the operation at hand.' }));
      return;
    }
    const { moment } = this.lab;
    const far = moment && !moment.whole ? `, as far as write ${moment.step}` : '';
    this.postings.replaceChildren(
      make('h3', {}, make('span', { class: 'number', text: `${grouped(op)} ` }), `${title}${far}`),
      postings.length ? make('ol', { class: 'postings' }, ...postings.map((one) => make('li', { title: one.words },
        make('code', { text: one.site }), ' ',
        make('span', { text: `${counted(one.pages, 'page')}: ${accountName(one.from)} → ${accountName(one.to)}` }),
        ...cellChip(cells[one.cell ?? ''], this.openCell)))) : make('p', { class: 'muted', text: 'It moves no page of this zone.' }),
      ...(count > postings.length ? [make('p', { class: 'muted', text: `and ${counted(count - postings.length, 'posting')} more` })] : []));
  }

  /** @param {Ledger} ledger */
  #showAccounts({ accounts, spanned }) {
    const moved = accounts.some((row) => row.moved !== 0);
    this.accounts.replaceChildren(
      make('h3', { text: `Accounts: ${counted(spanned, 'page')}, each in exactly one` }),
      table('Accounts', ['', 'pages', ...(moved ? ['moved'] : [])], accounts.map((row) => ({
        cells: [accountName(row), grouped(row.pages), ...(moved ? [row.moved ? signed(row.moved) : ''] : [])], alarm: false,
      }))),
      make('p', { class: 'muted', test: 'accounts-sum' }));
    const sum = accounts.reduce((pages, row) => pages + row.pages, 0);
    const all = accounts.reduce((pages, row) => pages + row.moved, 0);
    setText(/** @type {HTMLElement} */ (this.accounts.lastElementChild),
      `Together ${grouped(sum)}${sum === spanned ? ', as the zone has' : `, and the zone has ${grouped(spanned)}`}; moved together ${grouped(all)}.`);
  }

  /** @param {Promise<unknown>} answer */
  async #told(answer) {
    try {
      await answer;
      this.ui.stepsOf.set(null);
    } catch (error) {
      this.ui.say(refusalWords(error), 'error');
    }
  }
}

/**
 * @param {string} label
 * @param {string[]} columns
 * @param {{cells: string[], alarm: boolean}[]} rows
 */
function table(label, columns, rows) {
  return make('table', { class: 'ledger-table' }, make('caption', { class: 'unseen', text: label }),
    make('thead', {}, make('tr', {}, ...columns.map((text) => make('th', { text, attributes: { scope: 'col' } })))),
    make('tbody', {}, ...rows.map(({ cells: [name, ...cells], alarm }) => make('tr', alarm ? { data: { alarm: '' } } : {},
      make('th', { text: name, attributes: { scope: 'row' } }), ...cells.map((text) => make('td', { text }))))));
}

/**
 * @param {string} label
 * @param {number} orders
 * @param {{name: string, by: readonly number[], sum: number}[]} rows
 */
function grid(label, orders, rows) {
  const columns = ['', ...Array.from({ length: orders }, (_, o) => String(o)), 'pages'];
  return make('div', { class: 'ledger-wide' }, table(label, columns, rows.map(({ name, by, sum }) => ({
    cells: [name, ...Array.from({ length: orders }, (_, o) => (by[o] ? signed(by[o]) : '')), signed(sum)], alarm: false,
  }))));
}
