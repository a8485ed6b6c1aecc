// What the page does, counted by the page itself. Laid into it by benchmarks/page.py.

/** A number that changes with any pixel of the map's canvas. */
function pixels() {
  const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#map-canvas'));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  const words = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  return hash;
}

/** Animation frames, those in which map pixels changed, and drawings of each chart, in so many seconds. */
const countFrames = (/** @type {number} */ seconds) => new Promise((done) => {
  const counted = { seconds: 0, frames: 0, map: 0, lists: 0, history: 0 };
  const charts = /** @type {const} */ ([['lists', '#lists-chart'], ['history', '#history-chart']]);
  const stops = charts.map(([name, at]) => {
    const chart = /** @type {any} */ (document.querySelector(at));
    const count = () => { counted[name] += 1; };
    chart.on('plotly_afterplot', count);
    return () => chart.removeListener('plotly_afterplot', count);
  });
  const began = performance.now();
  let before = pixels();
  const look = (/** @type {number} */ now) => {
    const is = pixels();
    counted.frames += 1;
    if (is !== before) counted.map += 1;
    before = is;
    if (now - began < seconds * 1000) requestAnimationFrame(look);
    else {
      counted.seconds = (performance.now() - began) / 1000;
      for (const stop of stops) stop();
      done(counted);
    }
  };
  requestAnimationFrame(look);
});

/**
 * Press a verb; milliseconds until the map has other pixels where the block is and the ledger another count of isolated pages.
 * @param {string} verb
 * @param {{x: number, y: number, w: number, h: number}} box of the block's cell, in the window
 */
const pressed = (verb, box) => new Promise((done) => {
  const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('#map-canvas'));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  const at = canvas.getBoundingClientRect();
  const ratio = canvas.width / at.width;
  const cell = () => context.getImageData((box.x - at.left) * ratio, (box.y - at.top) * ratio, Math.max(1, box.w * ratio), Math.max(1, box.h * ratio)).data.join();
  const isolated = () => document.querySelector('[data-testid="book-isolated"]')?.textContent;
  const before = { cell: cell(), isolated: isolated() };
  const began = performance.now();
  /** @type {HTMLElement} */ (document.querySelector(`[data-testid="verb-${verb}"]`)).click();
  const look = () => {
    if (cell() !== before.cell && isolated() !== before.isolated) done(performance.now() - began);
    else if (performance.now() - began > 10_000) done(NaN);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});

Object.assign(window, { countFrames, pressed });
