// Where a cell lies and which cell lies here. Pure arithmetic, in CSS pixels and cell units; on the map a cell of the
// grid is a pageblock, also where several of them are one colour.

/**
 * @typedef {{left: number, top: number, width: number, height: number}} Rect plot area inside the map element, CSS pixels
 * @typedef {{x0: number, x1: number, y0: number, y1: number}} Window what is in sight, in cells from the top left corner
 * @typedef {{columns: number, rows: number, cells: number, first: number}} Grid `first` is the number of its first cell: a
 *   block of a node's upper zone has a number that counts those below
 */

/** Under this many pixels a pointer cannot name a cell with certainty. */
export const PICKABLE_PX = 5;

/**
 * 2^k columns in address order, k such that a cell is nearest to a square that lies a little.
 * @param {number} cells
 * @param {number} width
 * @param {number} height
 * @param {number} [narrowest] columns at least, a power of two: so many cells share a colour and stand in one row
 * @param {number} [first] number of the first cell
 * @returns {Grid}
 */
export function gridFor(cells, width, height, narrowest = 1, first = 0) {
  let best = narrowest;
  let least = Infinity;
  for (let columns = narrowest; columns <= 2 ** Math.ceil(Math.log2(Math.max(1, cells))); columns *= 2) {
    const rows = Math.ceil(cells / columns);
    // A row of less than a pixel shows less than there is.
    const off = Math.abs(Math.log(width / columns / (height / rows) / 1.2)) + Math.max(0, Math.log(rows / height));
    if (off < least) {
      least = off;
      best = columns;
    }
  }
  return { columns: best, rows: Math.max(1, Math.ceil(cells / best)), cells, first };
}

/**
 * @param {number} cell its number
 * @param {Grid} grid
 * @returns {{column: number, row: number}}
 */
export function placeIn(cell, { columns, first }) {
  const at = cell - first;
  return { column: at - Math.floor(at / columns) * columns, row: Math.floor(at / columns) };
}

/**
 * Whether there is a cell of this number.
 * @param {number} cell
 * @param {Grid} grid
 */
export function isIn(cell, { first, cells }) {
  return cell >= first && cell < first + cells;
}

/**
 * @param {Grid} grid
 * @returns {Window}
 */
export function wholeWindow(grid) {
  return { x0: 0, x1: grid.columns, y0: 0, y1: grid.rows };
}

/**
 * Edge length of a cell, the smaller of the two.
 * @param {Window} window
 * @param {Rect} rect
 */
export function cellPixels(window, rect) {
  return Math.min(rect.width / (window.x1 - window.x0), rect.height / (window.y1 - window.y0));
}

/**
 * The number of the cell under a point, or -1: outside the plot area, or past the last cell.
 * @param {number} x
 * @param {number} y
 * @param {Rect} rect
 * @param {Window} window
 * @param {Grid} grid
 */
export function cellAt(x, y, rect, window, grid) {
  if (x < rect.left || y < rect.top || x >= rect.left + rect.width || y >= rect.top + rect.height) return -1;
  const column = Math.floor(window.x0 + ((x - rect.left) / rect.width) * (window.x1 - window.x0));
  const row = Math.floor(window.y0 + ((y - rect.top) / rect.height) * (window.y1 - window.y0));
  if (column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) return -1;
  const at = row * grid.columns + column;
  return at < grid.cells ? grid.first + at : -1;
}

/**
 * Rows of cells inside a box given by two points, each [first, last] cell.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @param {Rect} rect
 * @param {Window} window
 * @param {Grid} grid
 * @returns {[number, number][]}
 */
export function cellsInBox(from, to, rect, window, grid) {
  const column = (/** @type {number} */ x) => window.x0 + ((x - rect.left) / rect.width) * (window.x1 - window.x0);
  const row = (/** @type {number} */ y) => window.y0 + ((y - rect.top) / rect.height) * (window.y1 - window.y0);
  const c0 = Math.max(0, Math.floor(Math.min(column(from.x), column(to.x))));
  const c1 = Math.min(grid.columns - 1, Math.floor(Math.max(column(from.x), column(to.x))));
  const r0 = Math.max(0, Math.floor(Math.min(row(from.y), row(to.y))));
  const r1 = Math.min(grid.rows - 1, Math.floor(Math.max(row(from.y), row(to.y))));
  /** @type {[number, number][]} */
  const ranges = [];
  for (let r = r0; r <= r1; r++) {
    const first = r * grid.columns + c0;
    const last = Math.min(grid.cells - 1, r * grid.columns + c1);
    if (c1 >= c0 && first <= last) ranges.push([grid.first + first, grid.first + last]);
  }
  return ranges;
}

/**
 * A window of the same shape, `factor` times as large, about a middle, kept inside the grid.
 * @param {Window} window
 * @param {number} factor
 * @param {Grid} grid
 * @param {{x: number, y: number}} [middle] in cells
 * @returns {Window}
 */
export function zoomed(window, factor, grid, middle) {
  const about = middle ?? { x: (window.x0 + window.x1) / 2, y: (window.y0 + window.y1) / 2 };
  const width = Math.min(grid.columns, (window.x1 - window.x0) * factor);
  const height = Math.min(grid.rows, (window.y1 - window.y0) * factor);
  return held({ x0: about.x - width / 2, x1: about.x + width / 2, y0: about.y - height / 2, y1: about.y + height / 2 }, grid);
}

/**
 * Two fingers' middle and how far they are apart, CSS pixels; one finger is apart from itself by 1.
 * @typedef {{x: number, y: number, apart: number}} Pinch
 */

/**
 * The window after fingers moved: what lay under their middle still does.
 * @param {Window} window
 * @param {Grid} grid
 * @param {Rect} rect
 * @param {Pinch} from
 * @param {Pinch} to
 * @returns {Window}
 */
export function pinched(window, grid, rect, from, to) {
  const factor = from.apart / to.apart;
  const across = window.x1 - window.x0;
  const down = window.y1 - window.y0;
  const width = Math.min(grid.columns, Math.max(1, across * factor));
  const height = Math.min(grid.rows, Math.max(1, down * factor));
  const x0 = window.x0 + ((from.x - rect.left) / rect.width) * across - ((to.x - rect.left) / rect.width) * width;
  const y0 = window.y0 + ((from.y - rect.top) / rect.height) * down - ((to.y - rect.top) / rect.height) * height;
  return held({ x0, x1: x0 + width, y0, y1: y0 + height }, grid);
}

/**
 * A window moved, not resized, until it lies inside the grid; wider than the grid it becomes the grid.
 * @param {Window} window
 * @param {Grid} grid
 * @returns {Window}
 */
export function held(window, grid) {
  const width = Math.min(grid.columns, window.x1 - window.x0);
  const height = Math.min(grid.rows, window.y1 - window.y0);
  const x0 = Math.min(Math.max(0, window.x0), grid.columns - width);
  const y0 = Math.min(Math.max(0, window.y0), grid.rows - height);
  return { x0, x1: x0 + width, y0, y1: y0 + height };
}

/**
 * The window that shows a cell, moved as little as possible.
 * @param {Window} window
 * @param {number} cell
 * @param {Grid} grid
 * @returns {Window}
 */
export function showing(window, cell, grid) {
  const { column, row } = placeIn(cell, grid);
  const dx = column < window.x0 ? column - window.x0 : column + 1 > window.x1 ? column + 1 - window.x1 : 0;
  const dy = row < window.y0 ? row - window.y0 : row + 1 > window.y1 ? row + 1 - window.y1 : 0;
  if (dx === 0 && dy === 0) return window;
  return held({ x0: window.x0 + dx, x1: window.x1 + dx, y0: window.y0 + dy, y1: window.y1 + dy }, grid);
}

/**
 * Where a cell stands inside the map element, or null where it is out of sight.
 * @param {number} cell
 * @param {Rect} rect
 * @param {Window} window
 * @param {Grid} grid
 * @returns {Rect|null}
 */
export function cellBox(cell, rect, window, grid) {
  if (!isIn(cell, grid)) return null;
  const { column, row } = placeIn(cell, grid);
  const width = rect.width / (window.x1 - window.x0);
  const height = rect.height / (window.y1 - window.y0);
  const x = column - window.x0;
  const y = row - window.y0;
  if (x < 0 || y < 0 || x >= window.x1 - window.x0 || y >= window.y1 - window.y0) return null;
  return { left: rect.left + x * width, top: rect.top + y * height, width, height };
}
