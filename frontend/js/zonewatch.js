// The one owner of the view of the zone. A connection has one, and begins with the lowest zone's; whoever wants
// another zone of the node says so here, and the selection of each is kept for when one comes back to it.

import { NOTHING } from './state/selection.js';
import { slotNamed, slotOfBlock } from './state/zones.js';

/**
 * @typedef {import('./state/lab.js').Lab} Lab
 * @typedef {import('./state/selection.js').Selection} Selection
 * @typedef {import('./state/ui.js').Ui} Ui
 */

export class ZoneWatch {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {(first: number, blocks: number) => Promise<unknown>} subscribe
   */
  constructor(lab, ui, subscribe) {
    this.lab = lab;
    this.ui = ui;
    this.subscribe = subscribe;
    /** What the service was last asked for; '' while it sends what it sends unasked: the lowest zone. */
    this.asked = '';
    this.asking = false;
    /** @type {Map<string, Selection>} by the zone's name */
    this.selections = new Map();
    lab.connection.watch(({ phase }) => {
      if (phase === 'disconnected') this.asked = '';
      else if (phase === 'live') this.#follow();
    });
    lab.state.watch(() => {
      // A link may name blocks and no zone.
      if (!ui.zone.value) this.#goTo(ui.selection.value);
      this.#follow();
    });
    lab.number.watch(() => {
      this.selections.clear();
      // Another lab's zones may begin elsewhere: what was asked of the one before is asked anew.
      if (this.asked) this.again();
    });
    ui.zone.watch(() => this.#follow());
    // Where something of another zone is picked, that zone is shown.
    ui.selection.watch((selection) => this.#goTo(selection));
  }

  /** @param {Selection} selection */
  #goTo({ ranges: [range] }) {
    const { rows } = this.lab;
    const slot = range ? slotOfBlock(rows, range[0]) : -1;
    if (slot >= 0 && slot !== this.slot) this.ui.zone.set(rows[slot].zone);
  }

  /** The zone that is wanted, by its place. */
  get slot() {
    return slotNamed(this.lab.rows, this.ui.zone.value);
  }

  /** Show another zone, with what was selected there. @param {number} slot */
  show(slot) {
    const { lab, ui, selections } = this;
    const row = lab.rows[slot];
    if (!row || slot === this.slot) return;
    selections.set(lab.rows[this.slot].zone, ui.selection.value);
    ui.leave();
    ui.sight.set(null);
    ui.zone.set(row.zone);
    ui.selection.set(selections.get(row.zone) ?? NOTHING);
  }

  /** The next zone, and after the highest the lowest. */
  next() {
    if (this.lab.rows.length > 1) this.show((this.slot + 1) % this.lab.rows.length);
  }

  /** Ask anew for what is wanted: what came does not follow what is held. */
  again() {
    this.asked = 'anew';
    this.#follow();
  }

  #follow() {
    const { lab } = this;
    const row = lab.rows[this.slot];
    if (!row || this.asking || lab.connection.value.phase !== 'live') return;
    const wanted = `${row.first_block} ${row.nr_pageblocks}`;
    if (this.asked ? this.asked === wanted : this.slot === 0) return;
    this.asked = wanted;
    this.asking = true;
    // Refused, another lab has come meanwhile: its state says what to ask for.
    this.subscribe(row.first_block, row.nr_pageblocks).catch(() => {}).finally(() => {
      this.asking = false;
      this.#follow();
    });
  }
}
