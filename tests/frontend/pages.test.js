import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunksOf, chunkWords } from '../../frontend/js/draw/pagegrid.js';

test('pages become chunks at their order', () => {
  const state = Uint8Array.of(0, 0, 0x12, 0, 0, 0, 0x20, 0x40, 0x60);
  const attributes = Uint8Array.of(0, 0, 2, 0, 0, 0, 8 | 2, 1, 0);
  const chunks = chunksOf(state, attributes);
  assert.deepEqual(chunks.map(({ at, pages, kind }) => [at, pages, kind]), [[0, 2, 0], [2, 4, 1], [6, 1, 2], [7, 1, 4], [8, 1, 6]]);
  assert.equal(chunkWords(chunks[0], 512), 'inside a chunk from another block');
  assert.equal(chunkWords(chunks[1], 512), 'PFN 514: free, order 2, Movable');
  assert.equal(chunkWords(chunks[2], 512), 'PFN 518: allocated, order 0, Movable, LRU');
  assert.equal(chunkWords(chunks[3], 512), 'PFN 519: on pcp, Reclaimable');
  assert.equal(chunkWords(chunks[4], 512), 'PFN 520: offline');
});
