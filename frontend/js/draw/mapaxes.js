// The map's axes as Plotly wants them: x in columns, y in blocks, so that the ticks name the first block of a row.
// A cell of the grid is a block, however many share a colour.

/**
 * @typedef {import('./geometry.js').Grid} Grid
 * @typedef {import('./geometry.js').Window} Window
 * @typedef {import('./palette.js').Palette} Palette
 */

export const MARGIN = { l: 54, r: 1, t: 1, b: 1 };
/** Room between two ticks, CSS pixels. */
const TICK_PX = 28;

/**
 * @param {{grid: Grid, window: Window, width: number, height: number, palette: Palette}} map size of the whole, CSS pixels
 * @returns {Partial<Plotly.Layout>}
 */
export function axesOf({ grid, window, width, height, palette }) {
  const { columns: inRow, first } = grid;
  const tall = Math.max(1, (window.y1 - window.y0) / Math.max(1, Math.floor((height - MARGIN.t - MARGIN.b) / TICK_PX)));
  const common = { zeroline: false, showgrid: false, fixedrange: false, automargin: false };
  return {
    margin: MARGIN, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', showlegend: false,
    width, height, hovermode: false, dragmode: 'pan',
    font: { family: palette.mono, size: palette.small, color: palette.muted },
    xaxis: /** @type {any} */ ({
      ...common, range: [window.x0 - 0.5, window.x1 - 0.5], minallowed: -0.5, maxallowed: grid.columns - 0.5,
      showticklabels: false, ticks: '',
    }),
    yaxis: /** @type {any} */ ({
      ...common, range: [first + (window.y1 - 0.5) * inRow, first + (window.y0 - 0.5) * inRow],
      minallowed: first - 0.5 * inRow, maxallowed: first + (grid.rows - 0.5) * inRow,
      tick0: first, dtick: inRow * 2 ** Math.ceil(Math.log2(tall)), tickformat: 'd', ticks: '',
    }),
  };
}

/**
 * The window that Plotly's axes show.
 * @param {any} layout Plotly's full layout
 * @param {Grid} grid
 * @returns {Window}
 */
export function windowOf({ xaxis, yaxis }, { columns, first }) {
  return {
    x0: xaxis.range[0] + 0.5, x1: xaxis.range[1] + 0.5,
    y0: (yaxis.range[1] - first) / columns + 0.5, y1: (yaxis.range[0] - first) / columns + 0.5,
  };
}
