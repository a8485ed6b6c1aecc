// The free lists as bars: a stack of migratetypes for each order, a tick where nr_free stands, a number over both.

import { HATCHES } from './marks.js';
import { roundUp } from './ranges.js';
import { ISOLATE, TYPES } from '../state/vocabulary.js';

/**
 * @typedef {import('./palette.js').Palette} Palette
 * @typedef {import('../state/picture.js').Picture} Picture
 * @typedef {{totals: number[], stored: number[]}} Sums by order, in what the chart counts
 * @typedef {{weight: (order: number) => number, say: (value: number) => string, whole: boolean}} Counting
 *   what a chunk of an order counts for, how a count is written, whether counts come whole
 */

/** Of an order's place, what its bar takes. */
export const BAR_SHARE = 0.65;
/** Where a log axis begins, as a share of the least that can be counted: 1 is then seen to be more than 0. */
const LOG_FLOOR = 0.6;

/**
 * @param {Picture} picture
 * @param {(order: number) => number} weight
 * @returns {Sums}
 */
export function sumsOf({ orders, lists, nrFree }, weight) {
  const order = Array.from({ length: orders }, (_, o) => o);
  return {
    totals: order.map((o) => TYPES.reduce((sum, _, t) => sum + lists[t * orders + o], 0) * weight(o)),
    stored: order.map((o) => nrFree[o] * weight(o)),
  };
}

/**
 * @param {Picture} picture
 * @param {Palette} palette
 * @param {Sums} sums
 * @param {Counting} counting
 * @param {readonly [number, number]} range of a linear axis
 * @param {boolean} log
 * @param {{width: number, height: number}} size of the chart, CSS pixels
 */
export function listBars(picture, palette, sums, counting, range, log, { width, height }) {
  const { orders } = picture;
  const { weight, say } = counting;
  const { totals, stored } = sums;
  const order = Array.from({ length: orders }, (_, o) => o);
  const off = order.map((o) => stored[o] !== totals[o]);
  const margin = { l: palette.small * 4.2, r: 8, t: palette.small * 1.6, b: palette.small * 1.8 };
  const plot = Math.max(palette.small * 4, height - margin.t - margin.b);
  // A low chart has room for one number alone where two differ.
  const lines = plot > palette.small * 10 ? 2 : 1;
  const both = (/** @type {number} */ o) => (lines === 2 ? `${say(stored[o])}<br>≠ ${say(totals[o])}` : `≠ ${say(stored[o])}`);
  const floor = LOG_FLOOR * Math.min(...order.map(weight));
  const labelled = order.map((o) => (stored[o] < 0 ? stored[o] : Math.max(stored[o], totals[o])));
  /** @type {any[]} */
  const data = TYPES.map((type, t) => ({
    type: 'bar', name: type.printed, x: order, y: order.map((o) => picture.lists[t * orders + o] * weight(o)),
    marker: {
      color: palette.types[t], line: { width: 0 },
      pattern: { shape: HATCHES[t], fgcolor: t === ISOLATE ? palette.hatchIsolate : palette.hatch, fillmode: 'overlay', size: 7, solidity: 0.25 },
    },
  }));
  data.push({
    type: 'scatter', mode: 'markers', name: 'nr_free', x: order, y: log ? stored.map((n) => Math.max(n, floor)) : stored,
    marker: { symbol: 'line-ew', size: Math.min(22, Math.max(8, (width - margin.l) / orders / 2)), line: { width: 2, color: palette.ink } }, cliponaxis: false,
  }, {
    // A small unseen marker keeps the words just clear of the tick; in two lines they are no wider than a bar's place.
    type: 'scatter', mode: 'markers+text', name: 'labels', x: order, marker: { size: 8, opacity: 0 }, cliponaxis: false,
    y: log ? labelled.map((n) => Math.max(n, floor)) : labelled,
    text: order.map((o) => (off[o] ? both(o) : say(totals[o]))),
    textposition: order.map((o) => (stored[o] < 0 ? 'bottom center' : 'top center')),
    // Plotly writes a <b> as an inline style, which the policy forbids: weight is set as a font.
    textfont: { color: order.map((o) => (off[o] ? palette.ink : palette.muted)), weight: order.map((o) => (off[o] ? 600 : 400)), size: palette.small },
  });
  const font = { family: palette.sans, size: palette.small, color: palette.muted };
  const common = { fixedrange: true, gridcolor: palette.line, automargin: false };
  const axis = log ? range : roomForWords(range, lines * palette.small * 1.3 + 6, off.includes(true), plot, palette);
  /** @type {any} */
  const layout = {
    barmode: 'stack', bargap: 1 - BAR_SHARE, showlegend: false, font, uirevision: 'lists', hovermode: false, dragmode: false, margin,
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    xaxis: { range: [-0.6, orders - 0.4], dtick: 1, fixedrange: true, zeroline: false, showgrid: false, ticks: '', tickprefix: '' },
    yaxis: log ? {
      ...common, type: 'log', range: [Math.log10(floor), Math.log10(range[1] * 1.6)], dtick: 1, tickformat: '~r', zeroline: false,
    } : {
      ...common, type: 'linear', range: axis, tick0: 0, zeroline: true,
      dtick: step(axis, plot, palette, counting.whole), zerolinecolor: palette.muted, tickformat: ',d', separatethousands: true,
    },
    separators: '.\u202f',
  };
  return { data, layout };
}

/**
 * Words stand clear of the axis, above or below.
 * @param {readonly [number, number]} range
 * @param {number} words height of a label, CSS pixels
 * @param {boolean} off some order's label has all its lines
 * @param {number} plot height, CSS pixels
 * @param {Palette} palette
 * @returns {[number, number]}
 */
function roomForWords([bottom, top], words, off, plot, palette) {
  const taken = (bottom < 0 ? words : 0) + (off ? words : 0);
  const perPixel = (top - bottom) / Math.max(palette.small * 2, plot - taken);
  return [bottom - (bottom < 0 ? words * perPixel : 0), top + (off ? words * perPixel : 0)];
}

/**
 * Between two ticks: chunks and pages come whole.
 * @param {readonly [number, number]} range
 * @param {number} plot height, CSS pixels
 * @param {Palette} palette
 * @param {boolean} whole
 */
function step([bottom, top], plot, palette, whole) {
  const apart = roundUp((top - bottom) / Math.max(1, plot / (palette.small * 4)));
  return whole ? Math.max(1, Math.ceil(apart)) : apart;
}
