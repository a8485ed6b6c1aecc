// One pixel a cell: an image of rows of cells, to be stretched over where they lie. Only what changed is painted again.

import { cellPixel } from './palette.js';

/** @typedef {import('./palette.js').Palette} Palette */

export class CellImage {
  constructor() {
    this.canvas = document.createElement('canvas');
    /** @type {ImageData|null} */
    this.pixels = null;
    /** What is painted, and in which colours. @type {Uint32Array|null} */
    this.cells = null;
    /** @type {Palette|null} */
    this.palette = null;
  }

  /** Changes will go by unpainted: the next painting is of all. */
  forget() {
    this.pixels = null;
  }

  /**
   * @param {Uint32Array} cells
   * @param {number} columns
   * @param {Palette} palette
   * @param {ReadonlySet<number>|null} changed since the painting before; null: all
   */
  paint(cells, columns, palette, changed) {
    const rows = Math.ceil(cells.length / columns);
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    const same = this.cells === cells && this.palette === palette && this.pixels?.width === columns;
    if (this.pixels?.width !== columns || this.pixels.height !== rows) {
      Object.assign(this.canvas, { width: columns, height: rows });
      this.pixels = context.createImageData(columns, rows);
    }
    this.cells = cells;
    this.palette = palette;
    const words = new Uint32Array(this.pixels.data.buffer);
    let [r0, r1] = [0, rows - 1];
    if (same && changed) {
      [r0, r1] = [rows, -1];
      for (const cell of changed) {
        words[cell] = cellPixel(cells[cell], palette);
        r0 = Math.min(r0, Math.floor(cell / columns));
        r1 = Math.max(r1, Math.floor(cell / columns));
      }
    } else {
      for (let cell = 0; cell < cells.length; cell++) words[cell] = cellPixel(cells[cell], palette);
      words.fill(0, cells.length);
    }
    if (r1 >= r0) context.putImageData(this.pixels, 0, 0, 0, r0, columns, r1 - r0 + 1);
  }
}
