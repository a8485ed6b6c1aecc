// What the line under the map says while no block is under the pointer or the focus.

/**
 * @param {boolean} small cells are too small to pick by pointer
 * @param {boolean} refused a click has just failed for that
 * @param {boolean} byFinger
 */
export function mapHint(small, refused, byFinger) {
  const zoom = byFinger ? 'two fingers or +' : 'wheel or +';
  if (refused) return `Cells are too small to pick by pointer: zoom in (${zoom}), or move with the arrow keys.`;
  if (small) return `Zoom in (${zoom}) or use the arrow keys to pick a block.`;
  return byFinger ? 'Tap a block; rest to add one; two fingers zoom.' : 'Click a block, Shift for a range, Ctrl for one more.';
}
