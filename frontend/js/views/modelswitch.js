// Which kernel keeps the books: the rows, and the patch taken hunk by hunk.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { roving, stopAt } from '../draw/roving.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Hello} Hello
 * @typedef {import('../types.js').ZoneState} ZoneState
 */

const CUSTOM = 'custom';

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountModelSwitch(lab, ui, actions) {
  const menu = byId('model-menu', HTMLElement);
  const rows = byId('model-rows', HTMLElement);
  const cells = byId('model-cells', HTMLFieldSetElement);
  const error = byId('model-error', HTMLElement);
  const button = byId('model-button', HTMLElement);

  const again = () => /** @type {HTMLInputElement} */ (menu.querySelector('input[name="again"]:checked')).value;

  /**
   * @param {Record<string, unknown>} fields
   * @param {string} name
   */
  async function choose(fields, name) {
    setText(error, '');
    menu.setAttribute('aria-busy', 'true');
    try {
      const result = await actions.model({ ...fields, again: again() });
      if (!result) return;
      menu.hidePopover();
      ui.acted.set(result.op);
      // A demonstration shows by itself that it is told again.
      if (lab.state.value?.demonstration) return;
      ui.say(result.replayed ? `${name}: the same ${grouped(result.replayed)} operations ran again from boot.` : `${name}: from boot.`);
    } catch (refusal) {
      setText(error, refusalWords(refusal));
    } finally {
      menu.removeAttribute('aria-busy');
    }
  }

  /** @param {Hello} hello @param {ZoneState} state */
  function show(hello, state) {
    const { model } = state.config;
    setText(button, model === CUSTOM ? `${(state.config.cells ?? []).length} of ${Object.keys(hello.patch_cells).length} hunks` : model);
    rows.replaceChildren(...hello.models.map((row) => make('button', {
      test: `model-${row.name}`, attributes: { type: 'button', role: 'radio', 'aria-checked': String(row.name === model) },
      on: { click: () => choose({ model: row.name }, row.title) },
    }, make('b', { text: `${row.name} · ${row.title}` }), make('span', { text: row.summary }), make('span', { text: `Aims at ${row.aims.join(', ')}.` }))));
    stopAt(rows, 'button', rows.querySelector('[aria-checked="true"]'));
    showCells(hello, state);
  }

  /** @param {Hello} hello @param {ZoneState} state */
  function showCells(hello, { config }) {
    const names = Object.keys(hello.patch_cells);
    cells.hidden = names.length === 0;
    const taken = new Set(config.cells ?? (config.model === hello.models[0]?.name ? [] : names));
    const boxes = names.map((name) => {
      const box = make('input', { test: `cell-${name}`, attributes: { type: 'checkbox', value: name } });
      box.checked = taken.has(name);
      return { box, label: make('label', {}, box, make('code', { text: name }), make('span', { text: hello.patch_cells[name] })) };
    });
    const go = make('button', {
      text: 'Use these hunks', test: 'cells-go', attributes: { type: 'button' },
      on: {
        click: () => {
          const chosen = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
          choose({ parent: hello.models[0].name, cells: chosen }, `${chosen.length} of the patch’s ${names.length} hunks`);
        },
      },
    });
    cells.replaceChildren(make('legend', { text: 'The patch, hunk by hunk' }), ...boxes.map(({ label }) => label), go);
  }

  roving(rows, 'button');

  const refresh = () => {
    const hello = lab.hello.value;
    const state = lab.state.value;
    // An open menu keeps the reader's ticks.
    if (hello && state && !menu.matches(':popover-open')) show(hello, state);
  };
  lab.hello.watch(refresh);
  lab.state.watch(refresh);
  menu.addEventListener('toggle', (event) => {
    setText(error, '');
    if (/** @type {ToggleEvent} */ (event).newState === 'closed') refresh();
  });
}
