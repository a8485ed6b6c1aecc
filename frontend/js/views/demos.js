// The menu of demonstrations.

import { byId, make, setText } from '../draw/dom.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../actions.js').Actions} Actions
 */

/**
 * @param {Lab} lab
 * @param {Actions} actions
 */
export function mountDemos(lab, actions) {
  const menu = byId('demo-menu', HTMLElement);
  const rows = byId('demo-rows', HTMLElement);
  const error = byId('demo-error', HTMLElement);

  /** @param {string} scenario */
  async function begin(scenario) {
    setText(error, '');
    menu.setAttribute('aria-busy', 'true');
    try {
      if (await actions.demonstrate({ scenario })) menu.hidePopover();
    } catch (refusal) {
      setText(error, refusalWords(refusal));
    } finally {
      menu.removeAttribute('aria-busy');
    }
  }

  lab.hello.watch((hello) => rows.replaceChildren(...(hello?.scenarios ?? []).map(({ name, title, question }) => make('button', {
    test: `demo-${name}`, attributes: { type: 'button' }, on: { click: () => begin(name) },
  }, make('b', { text: title }), make('span', { text: question })))));
  menu.addEventListener('toggle', () => setText(error, ''));
}
