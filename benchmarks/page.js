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

/** One operation back by its key; milliseconds until the map and the books, Steps, and both charts show it. */
const wentBack = () => new Promise((done) => {
  const { op } = document.body.dataset;
  const began = performance.now();
  /** @type {Record<string, number>} */
  const found = {};
  const drawn = new Set();
  const charts = ['#lists-chart', '#history-chart'].map((at) => /** @type {any} */ (document.querySelector(at)));
  const stops = charts.map((chart, i) => {
    const note = () => { if (document.body.dataset.op !== op) drawn.add(i); };
    chart.on('plotly_afterplot', note);
    return () => chart.removeListener('plotly_afterplot', note);
  });
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true, cancelable: true }));
  const look = () => {
    const now = performance.now() - began;
    const { op: at } = document.body.dataset;
    if (at !== op) {
      found['map and books'] ??= now;
      const newest = /** @type {HTMLElement|null} */ (document.querySelector('[data-testid="operation"]'));
      if (newest?.dataset.op === at) found.steps ??= now;
      if (drawn.size === charts.length) found.charts ??= now;
    }
    if (Object.keys(found).length < 3 && now < 5000) requestAnimationFrame(look);
    else {
      for (const stop of stops) stop();
      for (const name of ['map and books', 'steps', 'charts']) found[name] ??= NaN;
      done(found);
    }
  };
  requestAnimationFrame(look);
});

/**
 * Draw the scrubber to and fro; how far what is on show is behind the hand, in milliseconds.
 * @param {number} moves
 */
const scrubbed = (moves) => new Promise((done) => {
  const scrubber = /** @type {HTMLInputElement} */ (document.querySelector('[data-testid="time-scrubber"]'));
  const [first, last] = [Number(scrubber.min), Number(scrubber.max)];
  /** @type {{op: number, at: number}[]} */
  const asked = [];
  /** @type {number[]} */
  const behind = [];
  let shown = document.body.dataset.op;
  const look = () => {
    const { op } = document.body.dataset;
    if (op !== shown) {
      shown = op;
      const one = asked.findLast((move) => String(move.op) === op);
      if (one) behind.push(performance.now() - one.at);
    }
    const final = asked.at(-1);
    if (asked.length === moves && final && String(final.op) === op) done({ behind, last: performance.now() - final.at });
    else requestAnimationFrame(look);
  };
  const timer = setInterval(() => {
    const share = 0.5 + 0.5 * Math.cos((asked.length / moves) * 4 * Math.PI + 1);
    const op = Math.round(first + share * (last - first));
    scrubber.value = String(op);
    scrubber.dispatchEvent(new Event('input', { bubbles: true }));
    asked.push({ op, at: performance.now() });
    if (asked.length === moves) {
      clearInterval(timer);
      scrubber.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }, 2000 / moves);
  requestAnimationFrame(look);
});

Object.assign(window, { countFrames, pressed, wentBack, scrubbed });
