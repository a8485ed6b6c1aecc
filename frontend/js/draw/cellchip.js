// The cell of the model that decided a write: its answer in a word or two; all of it under pointer or focus; a press opens the table there.

import { make } from './dom.js';

/** @typedef {import('../types.js').Decision} Decision */
/** @typedef {(column: string) => void} OpenCell */

/**
 * @param {Decision|undefined} cell
 * @param {OpenCell} open
 * @returns {Node[]} none where no cell decided
 */
export function cellChip(cell, open) {
  if (!cell) return [];
  return [make('button', {
    class: 'cell-chip', text: cell.label, test: 'cell-chip',
    title: `${cell.question} ${cell.words}. ${cell.source}. ${cell.why}`,
    attributes: { type: 'button', 'aria-label': `${cell.column}: ${cell.words}` },
    on: { click: () => open(cell.column) },
  })];
}
