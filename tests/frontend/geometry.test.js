import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellAt, cellPixels, cellsInBox, gridFor, held, pinched, showing, wholeWindow, zoomed } from '../../frontend/js/draw/geometry.js';

const RECT = { left: 54, top: 1, width: 1003, height: 671 };

test('columns are a power of two, and every cell has a place', () => {
  for (const cells of [1, 2, 3, 100, 128, 4096, 65536]) {
    const { columns, rows } = gridFor(cells, 1000, 700);
    assert.equal(Math.log2(columns) % 1, 0);
    assert.ok(columns * rows >= cells && columns * (rows - 1) < cells);
  }
  assert.deepEqual(gridFor(128, 1000, 670), { columns: 16, rows: 8, cells: 128, first: 0 });
});

test('the middle of every cell picks that cell, at every zoom', () => {
  const grid = gridFor(4096, RECT.width, RECT.height);
  let window = wholeWindow(grid);
  for (let level = 0; level < 6; level++) {
    for (let cell = 0; cell < grid.cells; cell += 7) {
      const column = cell % grid.columns;
      const row = Math.floor(cell / grid.columns);
      const x = RECT.left + ((column + 0.5 - window.x0) / (window.x1 - window.x0)) * RECT.width;
      const y = RECT.top + ((row + 0.5 - window.y0) / (window.y1 - window.y0)) * RECT.height;
      const inside = x >= RECT.left && x < RECT.left + RECT.width && y >= RECT.top && y < RECT.top + RECT.height;
      assert.equal(cellAt(x, y, RECT, window, grid), inside ? cell : -1);
    }
    window = zoomed(window, 0.61, grid, { x: grid.columns * 0.7, y: grid.rows * 0.3 });
  }
});

test('two pixels either side of a border pick two cells', () => {
  const grid = { columns: 16, rows: 8, cells: 128, first: 0 };
  const window = wholeWindow(grid);
  const border = RECT.left + (5 / 16) * RECT.width;
  assert.equal(cellAt(border - 0.5, 10, RECT, window, grid), 4);
  assert.equal(cellAt(border + 0.5, 10, RECT, window, grid), 5);
});

test('outside the plot and past the last cell there is nothing to pick', () => {
  const grid = { columns: 16, rows: 7, cells: 100, first: 0 };
  const window = wholeWindow(grid);
  assert.equal(cellAt(RECT.left - 1, 10, RECT, window, grid), -1);
  assert.equal(cellAt(RECT.left + RECT.width, 10, RECT, window, grid), -1);
  assert.equal(cellAt(RECT.left + RECT.width - 5, RECT.top + RECT.height - 5, RECT, window, grid), -1, 'the ragged end');
});

test('a box gives its cells row by row', () => {
  const grid = { columns: 16, rows: 8, cells: 128, first: 0 };
  const across = RECT.width / 16;
  const down = RECT.height / 8;
  const at = (/** @type {number} */ c, /** @type {number} */ r) => ({ x: RECT.left + (c + 0.5) * across, y: RECT.top + (r + 0.5) * down });
  assert.deepEqual(cellsInBox(at(6, 4), at(2, 3), RECT, wholeWindow(grid), grid), [[50, 54], [66, 70]]);
  assert.deepEqual(cellsInBox(at(14, 7), at(40, 30), RECT, wholeWindow(grid), { ...grid, cells: 127 }), [[126, 126]]);
});

test('zooming keeps inside the zone, and out again gives the whole', () => {
  const grid = { columns: 16, rows: 8, cells: 128, first: 0 };
  const near = zoomed(wholeWindow(grid), 0.25, grid, { x: 0, y: 0 });
  assert.deepEqual(near, { x0: 0, x1: 4, y0: 0, y1: 2 });
  assert.deepEqual(zoomed(near, 100, grid), wholeWindow(grid));
  assert.deepEqual(held({ x0: -3, x1: 1, y0: 7, y1: 9 }, grid), { x0: 0, x1: 4, y0: 6, y1: 8 });
});

test('a window moves just far enough to show a cell', () => {
  const grid = { columns: 16, rows: 8, cells: 128, first: 0 };
  const window = { x0: 4, x1: 8, y0: 2, y1: 4 };
  assert.equal(showing(window, 2 * 16 + 5, grid), window);
  assert.deepEqual(showing(window, 4 * 16 + 8, grid), { x0: 5, x1: 9, y0: 3, y1: 5 });
});

test('cells of 65,536 blocks are too small to pick on one screen', () => {
  const grid = gridFor(65536, RECT.width, RECT.height);
  assert.ok(cellPixels(wholeWindow(grid), RECT) < 5);
});

test('what lay under the middle of two fingers stays under it while they spread and move', () => {
  const grid = { columns: 16, rows: 8, cells: 128, first: 0 };
  const from = { x: RECT.left + RECT.width * 0.55, y: RECT.top + RECT.height * 0.4, apart: 100 };
  const to = { x: from.x + 30, y: from.y - 20, apart: 250 };
  const window = pinched(wholeWindow(grid), grid, RECT, from, to);
  assert.equal(cellAt(to.x, to.y, RECT, window, grid), cellAt(from.x, from.y, RECT, wholeWindow(grid), grid));
  assert.ok(Math.abs((window.x1 - window.x0) - 16 / 2.5) < 1e-9 && Math.abs((window.y1 - window.y0) - 8 / 2.5) < 1e-9);
  const closed = pinched(window, grid, RECT, { x: 500, y: 300, apart: 400 }, { x: 500, y: 300, apart: 10 });
  assert.deepEqual(Object.values(closed).map((edge) => Math.round(edge * 1e9) / 1e9), Object.values(wholeWindow(grid)));
});
