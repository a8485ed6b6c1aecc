// The colours of css/tokens.css as the canvas and the charts need them, read again when the light changes.

import { CELL, FLAG, MORE, TYPES } from '../state/vocabulary.js';

/**
 * @typedef {[number, number, number]} Rgb
 * @typedef {{types: string[], dim: string[], letters: string[], ground: string, ink: string, muted: string, line: string,
 *   neutral: string, accent: string, hatch: string, hatchIsolate: string, quiet: string, sans: string, mono: string, small: number,
 *   text: number, pixels: Uint32Array, offlinePixel: number, reservedPixel: number}} Palette
 */

/** Share of the type's colour that is left where a page is in use. */
const USED = 0.38;

/** @returns {Palette} */
export function readPalette() {
  const probe = document.createElement('span');
  document.body.append(probe);
  const resolve = (/** @type {string} */ variable) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const root = getComputedStyle(document.documentElement);
  const number = (/** @type {string} */ variable) => parseFloat(root.getPropertyValue(variable));
  const types = TYPES.map((type) => resolve(type.variable));
  const neutral = resolve('--neutral');
  const letter = resolve('--mt-letter');
  const palette = {
    types,
    dim: types.map((type) => css(dimmed(rgb(type), rgb(neutral)))),
    letters: TYPES.map((type) => (type.name === 'ISOLATE' ? resolve('--mt-isolate-letter') : letter)),
    ground: resolve('--ground'),
    ink: resolve('--ink'),
    muted: resolve('--muted'),
    line: resolve('--line'),
    neutral,
    accent: resolve('--accent'),
    hatch: resolve('--hatch'),
    hatchIsolate: resolve('--hatch-isolate'),
    quiet: resolve('--quiet'),
    sans: root.getPropertyValue('--sans').trim(),
    mono: root.getPropertyValue('--mono').trim(),
    small: number('--small'),
    text: number('--text'),
    pixels: new Uint32Array(0),
    offlinePixel: 0,
    reservedPixel: 0,
  };
  probe.remove();
  palette.pixels = pixelTable(types.map(rgb), rgb(neutral));
  palette.offlinePixel = word(rgb(palette.ground));
  palette.reservedPixel = word(rgb(neutral));
  return palette;
}

/**
 * Colour of each (migratetype, free share): dim where all is in use, full where all is free.
 * @param {Rgb[]} types
 * @param {Rgb} neutral
 */
function pixelTable(types, neutral) {
  const table = new Uint32Array(types.length * 256);
  types.forEach((type, i) => {
    for (let share = 0; share < 256; share++) {
      table[i * 256 + share] = word(mixed(type, neutral, USED + (1 - USED) * (share / 255)));
    }
  });
  return table;
}

/**
 * One pixel for a cell too small to draw.
 * @param {number} cell
 * @param {Palette} palette
 */
export function cellPixel(cell, palette) {
  const more = CELL.more(cell);
  if (more & MORE.allOffline) return palette.offlinePixel;
  if (more & MORE.allReserved) return palette.reservedPixel;
  // A flag is never averaged away: one isolated block inside makes the cell look isolated.
  const type = CELL.flags(cell) & FLAG.isolate ? TYPES.length - 1 : CELL.type(cell);
  return palette.pixels[type * 256 + CELL.share(cell)];
}

/**
 * @param {string} text "rgb(1, 2, 3)", "rgba(…)" or "#rrggbb"
 * @returns {Rgb}
 */
export function rgb(text) {
  if (text.startsWith('#')) {
    const value = parseInt(text.slice(1, 7), 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const [r, g, b] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [r, g, b];
}

/**
 * A type's colour where pages are in use.
 * @param {Rgb} type
 * @param {Rgb} neutral
 */
export function dimmed(type, neutral) {
  return mixed(type, neutral, USED);
}

/**
 * @param {Rgb} a
 * @param {Rgb} b
 * @param {number} share of a
 * @returns {Rgb}
 */
export function mixed(a, b, share) {
  const one = (/** @type {0|1|2} */ i) => Math.round(a[i] * share + b[i] * (1 - share));
  return [one(0), one(1), one(2)];
}

/** @param {Rgb} colour */
function css([r, g, b]) {
  return `rgb(${r}, ${g}, ${b})`;
}

/** Opaque, in the byte order of ImageData. @param {Rgb} colour */
function word([r, g, b]) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/**
 * Contrast of two colours as WCAG 2 defines it: 1…21.
 * @param {Rgb} a
 * @param {Rgb} b
 */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** @param {Rgb} colour */
function luminance(colour) {
  const [r, g, b] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
