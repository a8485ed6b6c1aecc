import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movesBetween, reshapedBetween } from '../../frontend/js/draw/moves.js';

const ORDERS = 4;
const M = 2;
const I = 6;

/** @param {Record<string, number>} lengths "type order" -> chunks */
function lists(lengths) {
  const all = new Uint32Array(7 * ORDERS);
  for (const [list, n] of Object.entries(lengths)) {
    const [type, order] = list.split(' ').map(Number);
    all[type * ORDERS + order] = n;
  }
  return all;
}

test('isolation is seen as travel from list to list', () => {
  const moves = movesBetween(lists({ '2 2': 1, '2 0': 1 }), lists({ '6 2': 1, '6 0': 1 }), ORDERS);
  assert.deepEqual(moves, [
    { from: [{ type: M, order: 0 }], to: [{ type: I, order: 0 }], block: false },
    { from: [{ type: M, order: 2 }], to: [{ type: I, order: 2 }], block: false },
  ]);
});

test('an allocation splits a chunk and takes a page of it', () => {
  const [move, ...more] = movesBetween(lists({ '2 3': 1 }), lists({ '2 2': 1, '2 1': 1, '2 0': 1 }), ORDERS);
  assert.deepEqual(more, []);
  assert.deepEqual(move, {
    from: [{ type: M, order: 3 }], to: [{ type: M, order: 2 }, { type: M, order: 1 }, { type: M, order: 0 }], block: true,
  });
});

test('a freed page merges with its buddies', () => {
  const [move, ...more] = movesBetween(lists({ '6 0': 1, '6 1': 1 }), lists({ '6 2': 1 }), ORDERS);
  assert.deepEqual(more, []);
  assert.deepEqual(move, { from: [{ type: I, order: 1 }, { type: I, order: 0 }], to: [{ type: I, order: 2 }], block: true });
});

test('two halves make a whole, and nothing else comes', () => {
  assert.deepEqual(movesBetween(lists({ '2 1': 2 }), lists({ '2 2': 1 }), ORDERS), [
    { from: [{ type: M, order: 1 }, { type: M, order: 1 }], to: [{ type: M, order: 2 }], block: false },
  ]);
});

test('what is simply freed or taken comes from a block or goes there', () => {
  assert.deepEqual(movesBetween(lists({}), lists({ '2 0': 1 }), ORDERS), [{ from: [], to: [{ type: M, order: 0 }], block: true }]);
  assert.deepEqual(movesBetween(lists({ '2 0': 1 }), lists({}), ORDERS), [{ from: [{ type: M, order: 0 }], to: [], block: true }]);
});

test('every chunk is accounted for once, and too much is not told', () => {
  const before = lists({ '2 0': 3, '2 1': 2, '0 3': 1, '6 2': 1 });
  const after = lists({ '2 2': 2, '0 1': 1, '0 0': 2, '6 2': 1 });
  const moves = movesBetween(before, after, ORDERS);
  assert.equal(moves.flatMap(({ from }) => from).length, 6);
  assert.equal(moves.flatMap(({ to }) => to).length, 5);
  assert.deepEqual(movesBetween(lists({}), lists({ '2 0': 17 }), ORDERS), []);
  assert.deepEqual(movesBetween(before, before, ORDERS), []);
});

test('a split sets out from the whole and a merge comes together in it', () => {
  const whole = [{ pfn: 0, pages: 8 }, { pfn: 8, pages: 4 }];
  const parts = [{ pfn: 0, pages: 1 }, { pfn: 1, pages: 1 }, { pfn: 2, pages: 2 }, { pfn: 4, pages: 4 }, { pfn: 8, pages: 4 }];
  const [big] = whole;
  assert.deepEqual(reshapedBetween(whole, parts), parts.slice(0, 4).map((to) => ({ from: big, to })));
  assert.deepEqual(reshapedBetween(parts, whole), parts.slice(0, 4).map((from) => ({ from, to: big })));
  assert.deepEqual(reshapedBetween(parts, parts), []);
});

test('what crosses in both ways is followed to the end, and too much is not told', () => {
  const before = [{ pfn: 0, pages: 2 }, { pfn: 2, pages: 2 }, { pfn: 4, pages: 4 }];
  const after = [{ pfn: 0, pages: 4 }, { pfn: 4, pages: 2 }, { pfn: 6, pages: 2 }];
  assert.deepEqual(reshapedBetween(before, after).map(({ from, to }) => [from.pfn, to.pfn]), [[0, 0], [2, 0], [4, 4], [4, 6]]);
  const single = Array.from({ length: 64 }, (_, pfn) => ({ pfn, pages: 1 }));
  assert.deepEqual(reshapedBetween(single, [{ pfn: 0, pages: 64 }]), []);
});
