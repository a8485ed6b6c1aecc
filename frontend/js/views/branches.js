// Branches: what happened instead. Who acts in the past begins one; here they are named, gone to, forgotten.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').BranchRow} BranchRow
 */

const MIB = 1 << 20;

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountBranches(lab, ui, actions) {
  const button = byId('branch-button', HTMLButtonElement);
  const menu = byId('branch-menu', HTMLElement);
  const list = byId('branch-list', HTMLUListElement);
  const told = async (/** @type {Promise<unknown>} */ answer) => {
    try {
      await answer;
    } catch (error) {
      ui.say(refusalWords(error), 'error');
    }
  };
  byId('branch-new', HTMLButtonElement).addEventListener('click', () => told(actions.fork()));
  let shown = '';

  const fill = () => {
    const timeline = lab.state.value?.timeline;
    if (!timeline) return;
    const { branches, branch: current } = timeline;
    setText(button, branches.find(({ branch }) => branch === current)?.name ?? '');
    setText(byId('kept-words', HTMLElement), keptWords(lab, timeline));
    const key = JSON.stringify([branches, current]);
    if (key === shown || list.contains(document.activeElement)) return;
    shown = key;
    list.replaceChildren(...branches.map((row) => item(row, row.branch === current, branches)));
  };
  /** The list anew though the hand is on it: it asked for that. */
  const again = () => {
    menu.focus();
    fill();
  };
  lab.state.watch(fill);
  menu.addEventListener('toggle', fill);
  // Nothing is replaced under the hand: what changed meanwhile comes when the list is left.
  list.addEventListener('focusout', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && list.contains(relatedTarget))) queueMicrotask(fill);
  });

  /** @param {BranchRow} row @param {boolean} here @param {BranchRow[]} all */
  function item(row, here, all) {
    const parent = all.find(({ branch }) => branch === row.parent);
    const name = make('input', {
      class: 'branch-name', test: 'branch-name', attributes: { type: 'text', maxlength: '60', value: row.name, 'aria-label': `Name of ${row.name}` },
      on: { change: (event) => told(actions.renameBranch(row.branch, event.target.value)) },
    });
    const from = parent ? `from ${parent.name}, after operation ${grouped(row.fork_op)}` : 'from boot';
    const go = make('button', {
      text: here ? 'here' : 'Go there', test: 'branch-go', attributes: { type: 'button', 'aria-disabled': String(here), 'aria-label': here ? `here: ${row.name}` : `Go there: ${row.name}` },
      on: { click: () => here || told(actions.switchTo(row.branch)).then(again) },
    });
    const drop = make('button', {
      text: 'Forget', test: 'branch-drop', attributes: { type: 'button', 'aria-label': `Forget ${row.name}` },
      on: { click: () => told(actions.deleteBranch(row.branch)).then(again) },
    });
    return make('li', { class: 'branch', data: { branch: String(row.branch) }, test: 'branch' },
      name, make('span', { class: 'muted', text: from }), go, ...(here ? [] : [drop]));
  }
}

/**
 * @param {Lab} lab
 * @param {import('../types.js').TimelineState} timeline
 */
function keptWords(lab, timeline) {
  const from = lab.moment?.keptFrom ?? 0;
  const log = timeline.log_bytes
    ? `Every write is kept from operation ${grouped(from)} on, in ${Math.round(timeline.log_bytes / MIB)} MiB.`
    : 'No writes are kept.';
  const frames = timeline.keyframes
    ? ` What came before is run again from ${timeline.keyframes} keyframe${timeline.keyframes === 1 ? '' : 's'} (${Math.ceil(timeline.keyframe_bytes / MIB)} MiB).`
    : ' What came before is run again from boot.';
  return `${log}${from > timeline.first_op + 1 || !timeline.log_bytes ? frames : ''}`;
}
