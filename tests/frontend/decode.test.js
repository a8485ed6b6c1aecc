import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame, FrameError } from '../../frontend/js/net/decode.js';
import { changed, frame, i64, identity, u32 } from './frames.js';

test('a keyframe gives its numbers as they were written', () => {
  const got = decodeFrame(frame({
    flags: 1 | 2, seq: 7, op: 1204, view: 3, cells: 2,
    sections: [[1, i64([41506, -3])], [2, i64([-466, 2])], [3, u32(Array.from({ length: 77 }, (_, i) => i))], [4, u32([2, 0x0105ff06])], [8, u32([1, 2, 3])]],
  }));
  assert.equal(got.keyframe, true);
  assert.equal(got.running, true);
  assert.equal(got.stopped, false);
  assert.deepEqual([got.seq, got.baseSeq, got.op, got.view, got.nrCells, got.orders], [7, 0, 1204, 3, 2, 11]);
  assert.equal(got.cutMs, 1_700_000_000_123.5);
  assert.equal(got.latenessUs, 250);
  assert.deepEqual([...got.counters ?? []], [41506, -3]);
  assert.deepEqual([...got.nrFree ?? []], [-466, 2]);
  assert.equal(got.lists?.[76], 76);
  assert.deepEqual([...got.cells ?? []], [2, 0x0105ff06]);
  assert.deepEqual([...got.pcp ?? []], [1, 2, 3]);
});

test('a delta names the cells that changed', () => {
  const got = decodeFrame(frame({ seq: 8, baseSeq: 7, sections: [[5, changed([[3, 11], [900, 12], [1, 13]])]] }));
  assert.deepEqual([...got.changed?.index ?? []], [3, 900, 1]);
  assert.deepEqual([...got.changed?.cell ?? []], [11, 12, 13]);
  assert.equal(got.cells, null);
});

test('an identity keeps order, type and both numbers, negative ones too', () => {
  const broken = { verdict: 1, order: 9, migratetype: -1, expected: 46, got: -466, firstOp: 1204 };
  const holds = { verdict: 0, order: -1, migratetype: -1, expected: 0, got: 0, firstOp: 0 };
  const bytes = new Uint8Array([...identity(broken), ...identity(holds)]);
  assert.deepEqual(decodeFrame(frame({ sections: [[6, bytes]] })).identities, [broken, holds]);
});

test('pages come with states and attributes', () => {
  const bytes = new Uint8Array(16 + 6);
  new DataView(bytes.buffer).setBigUint64(0, 18944n, true);
  new DataView(bytes.buffer).setUint32(8, 3, true);
  bytes.set([0x13, 0, 0x20, 2, 0, 10], 16);
  const { pages } = decodeFrame(frame({ sections: [[7, bytes]] }));
  assert.equal(pages?.firstPfn, 18944);
  assert.deepEqual([...pages?.state ?? []], [0x13, 0, 0x20]);
  assert.deepEqual([...pages?.attributes ?? []], [2, 0, 10]);
});

test('a section of a later service is passed over', () => {
  const got = decodeFrame(frame({ sections: [[99, new Uint8Array(5)], [2, i64([4])]] }));
  assert.deepEqual([...got.nrFree ?? []], [4]);
});

test('what is no frame is refused by name', () => {
  assert.throws(() => decodeFrame(new ArrayBuffer(10)), FrameError);
  assert.throws(() => decodeFrame(new ArrayBuffer(64)), /not a frame/);
  assert.throws(() => decodeFrame(frame({ version: 2 })), /version 2, expected 1/);
  const whole = frame({ sections: [[4, u32([1, 2, 3, 4])]] });
  assert.throws(() => decodeFrame(whole.slice(0, 76)), /cut off/);
  assert.throws(() => decodeFrame(frame({ sections: [[5, u32([9, 0, 1])]] })), /cut off/);
});
