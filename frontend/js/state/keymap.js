// Every key there is: what the page listens for and what the help shows are one table.

/**
 * `does` names what a single key starts, wherever the focus is or only on the map; rows without it are heard by the
 * thing that has the focus.
 * @typedef {'toggle'|'step'|'faster'|'slower'|'workload'|'help'|'models'|'zone'|'would'|'alloc'|'pages'|'zoomIn'|'zoomOut'|'zoomAll'|
 *   'back'|'stepBack'|'stepOn'|'first'|'last'|'markBefore'|'markAfter'|'goTo'|'undo'|'redo'|'breakpoint'|'why'|'note'|'sessions'} Deed
 * @typedef {{shown: string, words: string, keys?: readonly string[], does?: Deed}} Key
 */

/** @type {readonly Key[]} */
export const ANYWHERE = Object.freeze([
  { shown: 'Space', words: 'run or pause', keys: [' '], does: 'toggle' },
  { shown: '→', words: 'one operation on', keys: ['ArrowRight'], does: 'step' },
  { shown: '←', words: 'one operation back', keys: ['ArrowLeft'], does: 'back' },
  { shown: 'Shift + → ←', words: 'one write of the kernel’s on, back', keys: ['Shift+ArrowRight'], does: 'stepOn' },
  { shown: '', words: '', keys: ['Shift+ArrowLeft'], does: 'stepBack' },
  { shown: 'Page ↓ ↑', words: 'one operation on, back, for a clicker', keys: ['PageDown'], does: 'step' },
  { shown: '', words: '', keys: ['PageUp'], does: 'back' },
  { shown: 'Home End', words: 'the first operation, the last', keys: ['Home'], does: 'first' },
  { shown: '', words: '', keys: ['End'], does: 'last' },
  { shown: '[ ]', words: 'the mark before, the next', keys: ['['], does: 'markBefore' },
  { shown: '', words: '', keys: [']'], does: 'markAfter' },
  { shown: 'g', words: 'go to an operation', keys: ['g'], does: 'goTo' },
  { shown: 'b', words: 'run on or back to where something comes true', keys: ['b'], does: 'breakpoint' },
  { shown: 'y', words: 'why: who changed what is picked, or free pages, last', keys: ['y'], does: 'why' },
  { shown: 'c', words: 'write a note at this moment', keys: ['c'], does: 'note' },
  { shown: 's', words: 'sessions: keep this one, open another', keys: ['s'], does: 'sessions' },
  { shown: 'Ctrl + Z', words: 'undo what somebody did; with Shift: do it again', keys: ['Ctrl+z'], does: 'undo' },
  { shown: '', words: '', keys: ['Ctrl+Shift+z'], does: 'redo' },
  { shown: '+ −', words: 'faster, slower', keys: ['+', '='], does: 'faster' },
  { shown: '', words: '', keys: ['-'], does: 'slower' },
  { shown: 'm', words: 'models side by side', keys: ['m'], does: 'models' },
  { shown: 'w', words: 'which workload runs, and its numbers', keys: ['w'], does: 'workload' },
  { shown: 'z', words: 'the next zone of a node', keys: ['z'], does: 'zone' },
  { shown: 'q', words: 'would a request succeed?', keys: ['q'], does: 'would' },
  { shown: '?', words: 'this page', keys: ['?'], does: 'help' },
  { shown: 'Esc', words: 'close what is open' },
  { shown: 'Tab', words: 'to the next thing, with Shift to the one before' },
  { shown: 'Enter', words: 'press the button, open the menu' },
]);

/** @type {readonly Key[]} */
export const ON_THE_MAP = Object.freeze([
  { shown: '← ↑ ↓ →', words: 'another block' },
  { shown: 'Home End', words: 'the first block, the last' },
  { shown: 'Shift + ←', words: 'a range, and so with each arrow' },
  { shown: 'Enter', words: 'select; once more: its pages' },
  { shown: 'Space', words: 'one block more, or one less' },
  { shown: '+ −', words: 'zoom in, out', keys: ['+', '='], does: 'zoomIn' },
  { shown: '', words: '', keys: ['-'], does: 'zoomOut' },
  { shown: '0', words: 'the whole zone', keys: ['0'], does: 'zoomAll' },
  { shown: 'p', words: 'the pages of the block, and back', keys: ['p'], does: 'pages' },
  { shown: 'a', words: 'allocate', keys: ['a'], does: 'alloc' },
  { shown: 'wheel, drag', words: 'zoom, move' },
  { shown: 'finger', words: 'tap selects, a long press adds, two fingers zoom and move' },
]);

/** @type {readonly Key[]} */
export const AMONG_PAGES = Object.freeze([
  { shown: '← ↑ ↓ →', words: 'another chunk' },
  { shown: 'Home End', words: 'the first, the last' },
  { shown: 'Page ↑ ↓', words: 'another block' },
  { shown: 'Esc', words: 'back to the zone' },
]);

/** @type {readonly Key[]} */
export const IN_A_GROUP = Object.freeze([
  { shown: '← ↑ ↓ →', words: 'another tab or choice; in a table or a list they scroll' },
  { shown: 'Home End', words: 'the first, the last' },
]);
