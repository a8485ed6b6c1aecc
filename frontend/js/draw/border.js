// The line between selected blocks and others, for blocks too small to have a line each.

/** @typedef {import('./mapcanvas.js').Scene} Scene */

/**
 * @param {Scene} scene
 * @param {number} ratio device pixels a CSS pixel
 * @returns {Path2D} in device pixels
 */
export function borderOf({ grid, rect, window: sight, selection }, ratio) {
  const chosen = new Uint8Array(grid.cells);
  for (const [first, last] of selection.ranges) chosen.fill(1, Math.max(0, first - grid.first), Math.max(0, last + 1 - grid.first));
  const x = (/** @type {number} */ column) => (rect.left + ((column - sight.x0) / (sight.x1 - sight.x0)) * rect.width) * ratio;
  const y = (/** @type {number} */ row) => (rect.top + ((row - sight.y0) / (sight.y1 - sight.y0)) * rect.height) * ratio;
  const path = new Path2D();
  const line = (/** @type {number} */ c0, /** @type {number} */ r0, /** @type {number} */ c1, /** @type {number} */ r1) => {
    path.moveTo(x(c0), y(r0));
    path.lineTo(x(c1), y(r1));
  };
  for (let row = Math.max(0, Math.floor(sight.y0)); row < Math.min(grid.rows, Math.ceil(sight.y1)); row++) {
    for (let column = Math.max(0, Math.floor(sight.x0)); column < Math.min(grid.columns, Math.ceil(sight.x1)); column++) {
      const cell = row * grid.columns + column;
      if (!chosen[cell]) continue;
      if (column === 0 || !chosen[cell - 1]) line(column, row, column, row + 1);
      if (column === grid.columns - 1 || !chosen[cell + 1]) line(column + 1, row, column + 1, row + 1);
      if (row === 0 || !chosen[cell - grid.columns]) line(column, row, column + 1, row);
      if (row === grid.rows - 1 || !chosen[cell + grid.columns]) line(column, row + 1, column + 1, row + 1);
    }
  }
  return path;
}
