// History: free, usable and isolated pages over operations, the watermarks, and marks where something broke.

import { Chart } from '../draw/chart.js';
import { byId, setText } from '../draw/dom.js';
import { grouped, PAGES_PER_MIB, quantity } from '../draw/format.js';
import { spread, steadyRange } from '../draw/ranges.js';
import { prefs } from '../state/prefs.js';

/**
 * @typedef {import('../draw/palette.js').Palette} Palette
 * @typedef {import('../state/lab.js').Lab} Lab
 */

/** Each line has its own dash: colour belongs to migratetypes. */
const LINES = /** @type {const} */ ([
  { key: 'free', label: 'free', width: 2, dash: 'solid' },
  { key: 'usable', label: 'usable', width: 2, dash: 'dot' },
  { key: 'isolated', label: 'isolated', width: 1.5, dash: 'dash' },
]);
const MARKS = /** @type {const} */ ([['MIN', 'watermark_min'], ['LOW', 'watermark_low'], ['HIGH', 'watermark_high']]);
const SYMBOLS = /** @type {Record<string, string>} */ ({ broken: 'x-thin', healed: 'circle-open', verb: 'triangle-up', bug: 'square', note: 'triangle-down' });
const SHOWN_MARKS = 60;

export class HistoryView {
  /**
   * @param {Lab} lab
   * @param {(op: number) => void} go to an operation
   */
  constructor(lab, go) {
    this.lab = lab;
    this.go = go;
    this.chart = byId('history-chart', HTMLDivElement);
    this.note = byId('history-note', HTMLElement);
    /** @type {[number, number]|null} */
    this.range = null;
    /** @type {Palette|null} */
    this.palette = null;
    this.unit = prefs.value.unit;
    lab.slot.watch(() => { this.range = null; });
    let held = false;
    this.chart.addEventListener('pointerdown', (event) => { held = this.#toPlace(event); });
    this.chart.addEventListener('pointermove', (event) => { if (held && event.buttons === 1) this.#toPlace(event); });
    this.chart.addEventListener('pointerup', () => { held = false; });
    this.lines = new Chart(this.chart);
  }

  /** @param {Palette} palette */
  paint(palette) {
    this.palette = palette;
  }

  /**
   * To the operation under the pointer.
   * @param {PointerEvent} event
   * @returns {boolean} whether there is one
   */
  #toPlace(event) {
    const axis = /** @type {any} */ (this.chart)._fullLayout?.xaxis;
    const { moment } = this.lab;
    if (!axis || !moment || event.button > 0) return false;
    const left = this.chart.getBoundingClientRect().left + axis._offset;
    if (event.clientX < left || event.clientX > left + axis._length) return false;
    const op = Math.round(axis.p2d(event.clientX - left));
    this.go(Math.max(moment.firstOp, Math.min(op, Math.max(moment.tip, this.lab.op))));
    return true;
  }

  /** A few times a second. */
  draw() {
    const { palette } = this;
    const { points } = this.lab.history;
    const { marks } = this.lab;
    if (!palette || points.length === 0 || this.chart.hidden) return;
    const first = points[0];
    const last = points[points.length - 1];
    const { unit } = prefs.value;
    if (unit !== this.unit) this.range = null;
    this.unit = unit;
    const scale = unit === 'MiB' ? 1 / PAGES_PER_MIB : 1;
    setText(this.note, points.length === 1 ? `${unit} at operation ${grouped(first.op)}` : `${unit} over operations ${grouped(first.op)} to ${grouped(last.op)}`);
    let most = 0;
    let least = 0;
    for (const point of points) {
      most = Math.max(most, point.free, point.usable, point.isolated);
      least = Math.min(least, point.free, point.usable);
    }
    this.range = steadyRange(this.range, least * scale, most * scale);
    const ops = points.map((point) => point.op);
    /** @type {any[]} */
    const data = LINES.map((line) => ({
      type: 'scatter', mode: points.length === 1 ? 'markers' : 'lines', cliponaxis: points.length > 1, name: line.label, x: ops, y: points.map((point) => point[line.key] * scale),
      line: { color: line.key === 'free' ? palette.ink : palette.muted, width: line.width, dash: line.dash, shape: 'hv' },
      hovertemplate: `%{y:,} ${line.label}<extra></extra>`,
    }));
    const shown = marks.filter((mark) => mark.op >= first.op).slice(-SHOWN_MARKS);
    data.push({
      type: 'scatter', mode: 'markers', name: 'marks', x: shown.map((mark) => mark.op), y: shown.map(() => this.range?.[0] ?? 0),
      marker: { symbol: shown.map((mark) => SYMBOLS[mark.kind] ?? 'diamond'), size: 9, color: palette.ink, line: { width: 1.5, color: palette.ink } },
      text: shown.map((mark) => plain(mark.text)), hovertemplate: 'operation %{x}: %{text}<extra></extra>', cliponaxis: false,
    });
    const font = { family: palette.sans, size: palette.small, color: palette.muted };
    const span = Math.max(1, last.op - first.op);
    const levels = MARKS.map(([label, name]) => ({ label, at: this.lab.counter(name) })).filter(({ at }) => Number.isFinite(at) && at > 0)
      .map(({ label, at }) => ({ label, at: at * scale }));
    const labels = this.#labels(last, levels, palette, scale);
    const longest = Math.max(...labels.map(({ text }) => text.length));
    /** @type {any} */
    const layout = {
      showlegend: false, font, uirevision: 'history', hovermode: 'x unified', dragmode: false,
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      margin: { l: palette.small * 4.2, r: 16 + Math.max(15, longest) * palette.small * 0.56, t: 8, b: palette.small * 2 + 4 },
      hoverlabel: { bgcolor: palette.ground, bordercolor: palette.muted, font: { ...font, color: palette.ink } },
      xaxis: { range: [first.op, first.op + span], fixedrange: true, showgrid: false, zeroline: false, tickformat: ',d', ticks: '', ticklabelstandoff: 4, ...(span < 10 ? { dtick: 1 } : { nticks: Math.max(3, Math.round(this.chart.clientWidth / (palette.small * 9))), tickangle: 0 }) },
      yaxis: { range: this.range, fixedrange: true, ...(this.range[1] - this.range[0] < 5 ? { dtick: 1 } : { nticks: 4 }), gridcolor: palette.line, zerolinecolor: palette.muted, tickformat: this.range[1] < 1e6 ? ',d' : '~s', automargin: false },
      shapes: [
        ...levels.map(({ at }) => ({
          type: 'line', xref: 'paper', x0: 0, x1: 1, y0: at, y1: at, line: { color: palette.muted, width: 1, dash: 'longdash' }, opacity: 0.6,
        })),
        ...(this.lab.past ? [{ type: 'line', yref: 'paper', y0: 0, y1: 1, x0: this.lab.op, x1: this.lab.op, line: { color: palette.ink, width: 2 } }] : []),
      ],
      annotations: labels,
      separators: '.\u202f',
    };
    this.lines.draw(data, layout);
  }

  /**
   * Names at the lines' ends, pushed apart so that none covers another.
   * @param {{free: number, usable: number, isolated: number}} last
   * @param {{label: string, at: number}[]} levels
   * @param {Palette} palette
   * @param {number} scale of the axis, a page
   */
  #labels(last, levels, palette, scale) {
    const { unit } = prefs.value;
    const [bottom, top] = /** @type {[number, number]} */ (this.range);
    const height = Math.max(1, this.chart.clientHeight - 12 - palette.small * 2);
    const apart = ((top - bottom) * palette.small * 1.25) / height;
    const words = LINES.filter(({ key }) => key !== 'usable' || last.usable !== last.free)
      .map(({ key, label }) => ({ text: `${quantity(last[key], unit)} ${label}`, at: last[key] * scale, strong: key === 'free' }));
    if (last.usable === last.free) words[0].text = `${quantity(last.free, unit)} free`;
    const low = levels.filter(({ label }) => label === 'HIGH').map(({ at }) => ({ text: 'watermarks', at, strong: false }));
    // A low chart has no room for all: what counts most stays, and none is pushed out of sight.
    const room = Math.max(1, Math.floor(height / (palette.small * 1.25)));
    const all = [...words, ...low].slice(0, room).sort((a, b) => a.at - b.at);
    const places = spread(all.map(({ at }) => at), apart, bottom, top);
    return all.map((word, i) => ({
      xref: 'paper', x: 1, y: places[i], xanchor: 'left', yanchor: 'middle', xshift: 8, showarrow: false, text: word.text,
      font: { family: palette.sans, size: palette.small, color: word.strong ? palette.ink : palette.muted },
    }));
  }
}

/** Plotly takes some of HTML in a text for what it is there; here it is only what somebody wrote. @param {string} text */
function plain(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
