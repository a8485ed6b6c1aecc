// What the map says in words: how many blocks a cell is, and, while none is under the pointer or the focus, what to do.

/**
 * @param {boolean} small cells are too small to pick by pointer
 * @param {boolean} refused a click has just failed for that
 * @param {boolean} byFinger
 * @param {number} grain blocks that a cell stands for
 */
export function mapHint(small, refused, byFinger, grain) {
  const zoom = byFinger ? 'two fingers or +' : 'wheel or +';
  if (refused) return `Cells are too small to pick by pointer: zoom in (${zoom}), or move with the arrow keys.`;
  if (grain > 1) return `${grainWords(grain)}. Zoom in (${zoom}) to see and pick each.`;
  if (small) return `Zoom in (${zoom}) or use the arrow keys to pick a block.`;
  return byFinger ? 'Tap a block; rest to add one; two fingers zoom.' : 'Click a block, Shift for a range, Ctrl for one more.';
}

/** @param {number} grain blocks that a cell of the map stands for */
export function grainWords(grain) {
  return grain > 1 ? `A cell is ${grain} pageblocks` : 'A cell is one pageblock';
}
