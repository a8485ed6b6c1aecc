// The part of the map in sight as a link carries it, so that it shows the same on a window of another shape.

import { placeIn, wholeWindow, zoomed } from './geometry.js';

/**
 * @typedef {import('./geometry.js').Grid} Grid
 * @typedef {import('./geometry.js').Window} Window
 * @typedef {import('../state/ui.js').Sight} Sight
 */

/** Less than this is the whole. */
const LEAST_ZOOM = 1.01;

/**
 * @param {Window} window
 * @param {Grid} grid its cells are blocks
 * @returns {Sight|null} null: all of it is in sight
 */
export function sightIn({ x0, x1, y0, y1 }, { columns, rows, cells, first }) {
  const zoom = Math.max(columns / (x1 - x0), rows / (y1 - y0));
  if (zoom < LEAST_ZOOM) return null;
  const block = first + Math.min(cells - 1, Math.floor((y0 + y1) / 2) * columns + Math.floor((x0 + x1) / 2));
  return { block, zoom: Math.round(zoom * 100) / 100 };
}

/**
 * @param {Sight} sight
 * @param {Grid} grid
 * @returns {Window}
 */
export function windowOn({ block, zoom }, grid) {
  return zoomed(wholeWindow(grid), 1 / zoom, grid, middleOf(Math.min(grid.first + grid.cells - 1, Math.max(grid.first, block)), grid));
}

/**
 * @param {number} block
 * @param {Grid} grid
 */
export function middleOf(block, grid) {
  const { column, row } = placeIn(block, grid);
  return { x: column + 0.5, y: row + 0.5 };
}
