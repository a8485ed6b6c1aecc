// The map as a table: what each block is and holds, of the selection or of a stretch of the zone.

import { byId, setText } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { dataTable } from '../draw/table.js';
import { prefer, prefs } from '../state/prefs.js';
import { contains, count, only, selectionName } from '../state/selection.js';
import { cellParts } from '../state/vocabulary.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../state/picture.js').Picture} Picture
 */

const ROWS = 256;

export class MapTableView {
  /**
   * @param {Lab} lab
   * @param {Ui} ui
   * @param {() => void} redraw
   */
  constructor(lab, ui, redraw) {
    this.lab = lab;
    this.ui = ui;
    /** Cells on show, by row. @type {number[]} */
    this.cells = [];
    this.region = byId('map-table', HTMLElement);
    this.table = dataTable(this.region, 'Pageblocks', ['block', 'type', 'free', 'what else'], (row) => this.#pick(row));
    const map = byId('map', HTMLElement);
    const shape = byId('map-shape', HTMLButtonElement);
    shape.addEventListener('click', () => prefer({ map: this.region.hidden ? 'table' : 'picture' }));
    prefs.watch((chosen) => {
      map.hidden = chosen.map === 'table';
      this.region.hidden = !map.hidden;
      setText(shape, map.hidden ? 'Map' : 'Table');
      redraw();
    });
  }

  /** Twice a second. */
  draw() {
    const { picture } = this.lab;
    if (this.region.hidden || !picture) return;
    const selection = this.ui.selection.value;
    const several = count(selection) > picture.blocksPerCell;
    const first = several ? 0 : Math.max(0, Math.floor(this.#cellOf(Math.max(0, selection.focus), picture) / ROWS) * ROWS);
    const all = several ? this.#selected(picture) : { cells: stretch(first, Math.min(ROWS, picture.cells.length - first)), of: picture.cells.length };
    this.cells = all.cells;
    const rows = this.cells.map((cell) => {
      const { type, free, flags } = cellParts(picture.cells[cell]);
      return [this.#name(cell, picture), type, free, flags.join(', ')];
    });
    const more = all.of - rows.length;
    const what = several ? selectionName(selection) : `${counted(rows.length, 'row')} from block ${grouped(first * picture.blocksPerCell + picture.firstBlock)}`;
    this.table.show(`${what}${more > 0 ? `; and ${grouped(more)} more` : ''}`, rows, (row) => contains(selection, this.#blocks(this.cells[row], picture)[0]));
  }

  /** @param {Picture} picture */
  #selected(picture) {
    /** @type {number[]} */
    const cells = [];
    let of = 0;
    for (const [from, to] of this.ui.selection.value.ranges) {
      const first = this.#cellOf(from, picture);
      const n = this.#cellOf(to, picture) - first + 1;
      of += n;
      cells.push(...stretch(first, Math.min(n, ROWS - cells.length)));
    }
    return { cells, of };
  }

  /** @param {number} row */
  #pick(row) {
    if (this.lab.picture) this.ui.selection.set(only(this.#blocks(this.cells[row], this.lab.picture)));
  }

  /** @param {number} block @param {Picture} picture */
  #cellOf(block, picture) {
    return Math.floor((block - picture.firstBlock) / picture.blocksPerCell);
  }

  /** @param {number} cell @param {Picture} picture @returns {[number, number]} */
  #blocks(cell, picture) {
    const first = picture.firstBlock + cell * picture.blocksPerCell;
    return [first, Math.min(this.lab.state.value?.zone.nr_pageblocks ?? Infinity, first + picture.blocksPerCell) - 1];
  }

  /** @param {number} cell @param {Picture} picture */
  #name(cell, picture) {
    const [first, last] = this.#blocks(cell, picture);
    return first === last ? grouped(first) : `${grouped(first)}–${grouped(last)}`;
  }
}

/** @param {number} first @param {number} n */
function stretch(first, n) {
  return Array.from({ length: Math.max(0, n) }, (_, i) => first + i);
}
