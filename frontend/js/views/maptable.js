// The map as a table: what each block is and holds, of the selection or of a stretch of the zone.

import { byId, setText } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { dataTable } from '../draw/table.js';
import { oneRun } from '../state/close.js';
import { prefer, prefs } from '../state/prefs.js';
import { contains, count, only, selectionName } from '../state/selection.js';
import { cellParts } from '../state/vocabulary.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../closewatch.js').CloseWatch} CloseWatch
 */

const ROWS = 256;

/** @typedef {{cell: number, first: number, last: number}} Row a cell and the blocks that it stands for */

export class MapTableView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {CloseWatch} closer
   * @param {() => void} redraw
   */
  constructor(lab, ui, closer, redraw) {
    this.lab = lab;
    this.ui = ui;
    this.closer = closer;
    /** @type {readonly Row[]} */
    this.rows = [];
    this.region = byId('map-table', HTMLElement);
    this.table = dataTable(this.region, 'Pageblocks', ['block', 'type', 'free', 'what else'], (row) => this.#pick(row));
    const map = byId('map', HTMLElement);
    const shape = byId('map-shape', HTMLButtonElement);
    shape.addEventListener('click', () => prefer({ map: this.region.hidden ? 'table' : 'picture' }));
    prefs.watch((chosen) => {
      map.hidden = chosen.map === 'table';
      this.region.hidden = !map.hidden;
      setText(shape, map.hidden ? 'Map' : 'Table');
      if (!map.hidden) closer.want('table', null);
      redraw();
    });
  }

  /** Twice a second. */
  draw() {
    const { picture, blocks, first: base } = this.lab;
    if (this.region.hidden || !picture) return;
    const selection = this.ui.selection.value;
    const [from, to] = selection.ranges[0] ?? [base, base];
    const alone = count(selection) <= 1 || (selection.ranges.length === 1 && String(this.lab.sharing(from)) === String([from, to]));
    const at = this.lab.known(selection.focus) ? selection.focus : base;
    const first = base + Math.floor((at - base) / ROWS) * ROWS;
    const stretch = /** @type {[number, number]} */ ([first, Math.min(base + blocks, first + ROWS) - 1]);
    // Blocks that share a cell are asked for one by one.
    this.closer.want('table', picture.blocksPerCell > 1 ? oneRun(first, stretch[1] - first + 1) : null);
    const { rows, more } = this.#rowsOf(alone ? [stretch] : selection.ranges);
    this.rows = rows;
    const what = alone ? `${counted(rows.length, 'row')} from block ${grouped(first)}` : selectionName(selection);
    const rest = alone ? base + blocks - stretch[1] - 1 : more;
    this.table.show(`${what}${rest > 0 ? `; and ${grouped(rest)} more` : ''}`, rows.map(wordsOf),
      (row) => contains(selection, rows[row].first));
  }

  /**
   * @param {readonly (readonly [number, number])[]} ranges
   * @returns {{rows: Row[], more: number}} the first of them, and how many blocks are left
   */
  #rowsOf(ranges) {
    /** @type {Row[]} */
    const rows = [];
    let more = 0;
    for (const [from, to] of ranges) {
      let block = from;
      for (let known = this.lab.known(block); known && block <= to && rows.length < ROWS; known = this.lab.known(block)) {
        rows.push(known);
        block = known.last + 1;
      }
      more += Math.max(0, to - block + 1);
    }
    return { rows, more };
  }

  /** @param {number} row */
  #pick(row) {
    const { first, last } = this.rows[row];
    this.ui.selection.set(only([first, last]));
  }
}

/** @param {Row} row */
function wordsOf({ cell, first, last }) {
  const { type, free, flags } = cellParts(cell);
  return [first === last ? grouped(first) : `${grouped(first)}–${grouped(last)}`, type, free, flags.join(', ')];
}
