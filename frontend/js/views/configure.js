// Another zone: its shape, its seed. A refusal stands at the field that caused it.

import { byId, make, setText } from '../draw/dom.js';
import { problemOf, refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

const NUMBERS = Object.freeze(['spanned_pages', 'start_pfn', 'pageblock_order', 'max_order', 'seed']);
const OPTIONAL = Object.freeze(['pcp_high', 'pcp_batch']);
const PRESETS = /** @type {[string, Record<string, string>][]} */ ([
  ['256 MiB', { spanned_pages: '65536', start_pfn: '0', pageblock_order: '9', max_order: '11' }],
  ['4 GiB', { spanned_pages: '1048576', start_pfn: '0', pageblock_order: '9', max_order: '11' }],
  ['unaligned, ragged', { spanned_pages: '60123', start_pfn: '300', pageblock_order: '9', max_order: '11' }],
  ['two blocks', { spanned_pages: '32', start_pfn: '0', pageblock_order: '4', max_order: '6' }],
]);

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountConfigure(lab, ui, actions) {
  const dialog = byId('configure-dialog', HTMLDialogElement);
  const form = byId('configure-form', HTMLFormElement);
  const error = byId('configure-error', HTMLElement);
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

  byId('open-configure', HTMLButtonElement).addEventListener('click', () => {
    byId('zone-menu', HTMLElement).hidePopover();
    const config = lab.state.value?.config;
    if (config) {
      field('zone').value = config.zone;
      for (const name of NUMBERS) field(name).value = String(config[/** @type {'seed'} */ (name)]);
      field('pcp_high').value = config.pcp.derived ? '' : String(config.pcp.high);
      field('pcp_batch').value = config.pcp.derived ? '' : String(config.pcp.batch);
    }
    clear();
    dialog.showModal();
  });
  byId('configure-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
  byId('configure-presets', HTMLElement).replaceChildren(...PRESETS.map(([name, values]) => make('button', {
    text: name, attributes: { type: 'button' }, test: `preset-${name.replaceAll(/\W+/g, '-')}`,
    on: { click: () => { for (const [key, value] of Object.entries(values)) field(key).value = value; } },
  })));

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clear();
    /** @type {Record<string, unknown>} */
    const fields = { zone: field('zone').value };
    for (const name of NUMBERS) fields[name] = Number(field(name).value);
    for (const name of OPTIONAL) fields[name] = field(name).value === '' ? null : Number(field(name).value);
    try {
      const result = await actions.configure(fields);
      if (!result) return;
      dialog.close();
      ui.acted.set(result.op);
    } catch (refusal) {
      const name = problemOf(refusal)?.field ?? '';
      const place = form.querySelector(`.error[data-field="${CSS.escape(name)}"]`);
      setText(place instanceof HTMLElement ? place : error, refusalWords(refusal));
      if (place) field(name).setAttribute('aria-invalid', 'true');
      if (place) field(name).focus();
    }
  });

  function clear() {
    for (const place of form.querySelectorAll('.error')) place.textContent = '';
    for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
  }
}
