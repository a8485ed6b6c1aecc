import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scheduler } from '../../frontend/js/draw/scheduler.js';
import { History } from '../../frontend/js/state/history.js';
import { Atom } from '../../frontend/js/state/store.js';

test('a watcher hears the value at once, each change, and no repetition', () => {
  const atom = new Atom(1);
  /** @type {number[]} */
  const heard = [];
  const stop = atom.watch((value) => heard.push(value));
  atom.set(1);
  atom.set(2);
  stop();
  atom.set(3);
  assert.deepEqual(heard, [1, 2]);
});

test('history never grows past its bound and keeps both ends', () => {
  const history = new History();
  for (let op = 0; op <= 100_000; op += 7) history.add({ op, free: op, usable: op, isolated: 0 });
  const { points } = history;
  assert.ok(points.length <= 301 && points.length > 100, `${points.length} points`);
  assert.equal(points[0].op, 0);
  assert.equal(points[points.length - 1].op, 99_995);
  assert.ok(points.every((point, i) => i === 0 || point.op > points[i - 1].op));
});

test('the series of the service is followed by frames', () => {
  const history = new History();
  history.load({ columns: ['op', 'usable', 'nr_free_pages', 'isolated'], rows: [[0, 5, 6, 1], [10, 7, 8, 1]] });
  history.add({ op: 12, free: 9, usable: 9, isolated: 0 });
  assert.deepEqual(history.points.map(({ op, free, usable }) => [op, free, usable]), [[0, 6, 5], [10, 8, 7], [12, 9, 9]]);
});

test('a zone booted again starts a new history', () => {
  const history = new History();
  history.add({ op: 500, free: 1, usable: 1, isolated: 0 });
  history.add({ op: 3, free: 2, usable: 2, isolated: 0 });
  assert.deepEqual(history.points.map(({ op }) => op), [3]);
});

test('quick things are drawn in every frame, charts in turn and not more often than asked', () => {
  /** @type {((now: number) => void)[]} */
  const queue = [];
  let now = 0;
  const scheduler = new Scheduler((callback) => queue.push(callback), () => now);
  const drawn = { map: 0, bars: 0, lines: 0 };
  scheduler.eachFrame(() => { drawn.map += 1; });
  scheduler.inTurn(100, () => { drawn.bars += 1; });
  scheduler.inTurn(100, () => { drawn.lines += 1; });
  for (; now < 1000; now += 16) {
    scheduler.changed();
    const frames = queue.splice(0);
    assert.equal(frames.length, 1, 'one frame is asked for, however much changed');
    const before = drawn.bars + drawn.lines;
    frames[0](now);
    assert.ok(drawn.bars + drawn.lines - before <= 1, 'one chart a frame');
  }
  assert.equal(drawn.map, 63);
  assert.ok(drawn.bars >= 8 && drawn.bars <= 10 && drawn.lines >= 8 && drawn.lines <= 10, JSON.stringify(drawn));
});

test('a chart waits until what comes with a change is on show', () => {
  /** @type {((now: number) => void)[]} */
  const queue = [];
  let now = 1000;
  const scheduler = new Scheduler((callback) => queue.push(callback), () => now);
  const drawn = /** @type {string[]} */ ([]);
  scheduler.eachFrame(() => { drawn.push(`map ${now}`); });
  scheduler.inTurn(100, () => { drawn.push(`chart ${now}`); });
  scheduler.changed();
  for (; queue.length; now += 10) queue.shift()?.(now);
  assert.deepEqual(drawn, ['map 1000', 'chart 1050']);
});

test('the last change before a pause is drawn', () => {
  /** @type {((now: number) => void)[]} */
  const queue = [];
  let now = 0;
  const scheduler = new Scheduler((callback) => queue.push(callback), () => now);
  let shown = '';
  let value = 'first';
  scheduler.inTurn(100, () => { shown = value; });
  scheduler.changed();
  queue.shift()?.(0);
  value = 'last';
  scheduler.changed();
  for (now = 16; queue.length && now < 1000; now += 16) queue.shift()?.(now);
  assert.equal(shown, 'last');
  assert.equal(queue.length, 0, 'and then nothing is asked for');
});
