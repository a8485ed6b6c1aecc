// Which kernel keeps the books: the kernels by family, and models of one's own.

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

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountModelSwitch(lab, ui, actions) {
  const menu = byId('model-menu', HTMLElement);
  const rows = byId('model-rows', HTMLElement);
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
    setText(button, model);
    const row = (/** @type {{name: string, title: string, summary: string}} */ one, /** @type {string} */ shown) => make('button', {
      test: `model-${one.name}`, attributes: { type: 'button', role: 'radio', 'aria-checked': String(one.name === model) },
      on: { click: () => choose({ model: one.name }, one.title) },
    }, make('b', { text: shown }), make('span', { text: one.summary }));
    const families = new Map(hello.models.map(({ family }) => [family, hello.models.filter((one) => one.family === family).map((one) => row(one, one.name))]));
    const own = [...state.models.map((one) => row(one, one.name)), ...running(state)];
    if (own.length) families.set('Your own', own);
    rows.replaceChildren(...[...families].map(([family, buttons]) => make('div', { class: 'model-family', attributes: { role: 'group', 'aria-label': family } },
      make('div', { class: 'menu-title', text: family, attributes: { 'aria-hidden': 'true' } }), ...buttons)));
    stopAt(rows, 'button', rows.querySelector('[aria-checked="true"]'));
  }

  /** One's own that runs and was not saved: it stands there, to be seen. @param {ZoneState} state */
  function running({ config: { custom }, models }) {
    if (!custom || models.some(({ name }) => name === custom.name)) return [];
    const { name, parent, changes, title } = custom;
    return [make('button', {
      test: 'model-running', attributes: { type: 'button', role: 'radio', 'aria-checked': 'true' },
      on: { click: () => choose({ name, parent, changes }, title) },
    }, make('b', { text: name }), make('span', { text: `${custom.summary} Not saved.` }))];
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
