// How near the map must be for its blocks to be shown one by one, and which of them to ask for. Pure arithmetic.

/**
 * @typedef {import('./geometry.js').Grid} Grid
 * @typedef {import('./geometry.js').Window} Window
 * @typedef {import('../state/close.js').Stretch} Stretch
 * @typedef {import('../state/close.js').Wish} Wish
 */

/** So many times as wide and as high as what is in sight, if there is room: a small move asks for nothing. */
const AMPLE = 2;

/**
 * @param {Window} window
 * @param {Grid} grid its cells are blocks
 * @param {number} most blocks that can be had at once
 * @returns {Wish|null} null: more blocks are in sight than that
 */
export function closeWish(window, grid, most) {
  const c0 = Math.max(0, Math.floor(window.x0));
  const r0 = Math.max(0, Math.floor(window.y0));
  const across = Math.min(grid.columns, Math.ceil(window.x1)) - c0;
  const down = Math.min(grid.rows, Math.ceil(window.y1)) - r0;
  if (across * down > most) return null;
  const more = (Math.min(AMPLE, Math.sqrt(most / (across * down))) - 1) / 2;
  const need = stretchOf(grid, c0, across, r0, down);
  const ask = stretchOf(grid, c0 - Math.floor(across * more), across + 2 * Math.floor(across * more),
    r0 - Math.floor(down * more), down + 2 * Math.floor(down * more));
  return need && ask ? { need, ask } : null;
}

/**
 * What of a rectangle lies on the grid; a run that would begin past the last block is left out.
 * @param {Grid} grid
 * @param {number} c0
 * @param {number} across columns
 * @param {number} r0
 * @param {number} down rows
 * @returns {Stretch|null} null: nothing of it
 */
function stretchOf({ columns, rows, cells, first: base }, c0, across, r0, down) {
  const left = Math.max(0, c0);
  const top = Math.max(0, r0);
  const first = base + top * columns + left;
  const bottom = Math.min(rows, r0 + down);
  const runs = (bottom - 1) * columns + left < cells ? bottom - top : bottom - top - 1;
  const width = Math.min(columns, c0 + across) - left;
  return runs > 0 && width > 0 ? { first, width, runs, stride: columns } : null;
}
