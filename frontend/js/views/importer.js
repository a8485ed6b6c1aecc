// A real kernel's files, in by a drop anywhere on the page or by a button, out by a link.

import { byId, make, setText } from '../draw/dom.js';
import { roving, stopAt } from '../draw/roving.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 * @param {(format: 'pagetypeinfo'|'buddyinfo') => string} exportUrl
 */
export function mountImporter(lab, ui, actions, exportUrl) {
  const menu = byId('zone-menu', HTMLElement);
  const error = byId('zone-error', HTMLElement);
  const input = byId('import-files', HTMLInputElement);
  const drop = byId('drop', HTMLElement);
  const others = byId('zone-others', HTMLElement);
  const source = byId('zone-source', HTMLElement);

  /** @param {Promise<unknown>} answer @param {string} done */
  async function told(answer, done) {
    setText(error, '');
    try {
      if ((await answer) === null) return;
      if (menu.matches(':popover-open')) menu.hidePopover();
      ui.say(done);
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      if (!menu.matches(':popover-open')) ui.say(`${refusalWords(refusal)} The zone on show was not touched.`, 'error');
    }
  }

  /** @param {File[]} files */
  const read = (files) => {
    if (files.length) told(actions.importFiles(files), `Read ${files.map((file) => file.name).join(', ')}.`);
  };

  byId('open-import', HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    read([...(input.files ?? [])]);
    input.value = '';
  });
  byId('reset', HTMLButtonElement).addEventListener('click', () => told(actions.reset(), 'Booted again.'));
  menu.addEventListener('toggle', () => {
    for (const format of /** @type {const} */ (['pagetypeinfo', 'buddyinfo'])) byId(`export-${format}`, HTMLAnchorElement).href = exportUrl(format);
  });

  roving(others, 'button');
  lab.state.watch((state) => {
    const from = state?.source ?? null;
    source.hidden = from === null;
    if (!from) {
      others.replaceChildren();
      return;
    }
    setText(source, `From ${from.files.join(', ')}.`);
    others.replaceChildren(...from.zones.map(({ node, zone, runnable, obstacle }) => make('button', {
      test: `zone-${node}-${zone}`,
      attributes: {
        type: 'button', role: 'radio', 'aria-checked': String(node === from.node && zone === from.zone),
        'aria-disabled': String(!runnable),
      },
      on: { click: () => runnable && told(actions.importZone({ node, zone }), `Node ${node}, zone ${zone}.`) },
    }, make('b', { text: `Node ${node}, zone ${zone}` }), make('span', { text: obstacle ?? '' }))));
    stopAt(others, 'button', others.querySelector('[aria-checked="true"]'));
  });

  let depth = 0;
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
  window.addEventListener('dragenter', (event) => {
    if (hasFiles(event)) drop.hidden = ++depth === 0;
  });
  window.addEventListener('dragleave', (event) => {
    if (hasFiles(event)) drop.hidden = --depth <= 0;
  });
  window.addEventListener('dragover', (event) => event.preventDefault());
  window.addEventListener('drop', (event) => {
    event.preventDefault();
    depth = 0;
    drop.hidden = true;
    read([...(event.dataTransfer?.files ?? [])]);
  });
}
