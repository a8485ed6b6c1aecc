// History as a table: the newest operations first, what was free, usable and isolated, and what broke or healed.

import { byId, setText } from '../draw/dom.js';
import { asProc, grouped, quantity } from '../draw/format.js';
import { dataTable } from '../draw/table.js';
import { prefer, prefs } from '../state/prefs.js';

/** @typedef {import('../state/lab.js').Lab} Lab */

const ROWS = 100;

export class HistoryTableView {
  /**
   * @param {Lab} lab
   * @param {() => void} redraw
   */
  constructor(lab, redraw) {
    this.lab = lab;
    this.region = byId('history-table', HTMLElement);
    this.table = dataTable(this.region, 'Pages free, usable and isolated over operations', ['operation', 'free', 'usable', 'isolated', 'marks']);
    const chart = byId('history-chart', HTMLElement);
    const shape = byId('history-shape', HTMLButtonElement);
    shape.addEventListener('click', () => prefer({ history: this.region.hidden ? 'table' : 'chart' }));
    prefs.watch(({ history }) => {
      chart.hidden = history === 'table';
      this.region.hidden = !chart.hidden;
      setText(shape, chart.hidden ? 'Chart' : 'Table');
      redraw();
    });
  }

  /** Twice a second; whoever has scrolled down reads in peace. */
  draw() {
    const { points } = this.lab.history;
    const { marks } = this.lab;
    if (this.region.hidden || points.length === 0 || this.table.scrolled()) return;
    const { unit } = prefs.value;
    const say = (/** @type {number} */ pages) => [quantity(pages, unit), asProc(pages)].filter(Boolean).join(', ');
    const shown = points.slice(-ROWS).reverse();
    const rows = shown.map(({ op, free, usable, isolated }, i) => {
      const after = shown[i + 1]?.op ?? (points.length > ROWS ? points[points.length - ROWS - 1].op : -1);
      const here = marks.filter((mark) => mark.op > after && mark.op <= op).map((mark) => markWords(mark, op));
      return [grouped(op), say(free), say(usable), say(isolated), here.join('; ')];
    });
    const more = points.length - shown.length;
    this.table.show(`${unit}, newest first${more > 0 ? `; and ${grouped(more)} more` : ''}`, rows);
  }
}

/**
 * A mark says at which operation, where that is not its row's and its own words do not.
 * @param {import('../types.js').Mark} mark
 * @param {number} op of the row
 */
function markWords({ op: at, text }, op) {
  const words = text.replace(/\.$/, '');
  return at === op || words.includes(`operation ${at}`) ? words : `${words} (${grouped(at)})`;
}
