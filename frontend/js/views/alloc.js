// Ask the allocator for pages: it chooses the place, the page shows where.

import { byId, make, setText } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { hangWords } from '../draw/nodewords.js';
import { HANGS, problemOf, refusalWords } from '../actions.js';
import { several } from '../state/selection.js';
import { blockOfPfn, isNode, slotOfBlock } from '../state/zones.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountAlloc(lab, ui, actions) {
  const form = byId('alloc-form', HTMLFormElement);
  const error = byId('alloc-error', HTMLElement);
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement|HTMLSelectElement} */ (form.elements.namedItem(name));

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    setText(error, '');
    for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
    const lru = field('lru').value;
    ui.acted.set(lab.op);
    try {
      if (field('cpu').value !== '') await actions.runOn(Number(field('cpu').value));
      const result = await actions.alloc({
        order: Number(field('order').value), migratetype: field('migratetype').value, count: Number(field('count').value),
        lru: lru === '' ? null : lru === 'yes', atomic: field('atomic').value !== '', ...ofNode(),
      });
      // The notice, or the error, is heard already.
      ui.told.set({ text: '', op: result.op });
      land(result);
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      const input = form.elements.namedItem(problemOf(refusal)?.field ?? '');
      if (input instanceof HTMLElement) input.setAttribute('aria-invalid', 'true');
    }
  });

  /** What only a node asks: from which zone at most, and whose memory it is. */
  function ofNode() {
    if (!isNode(lab.state.value)) return {};
    return { zone: field('zone').value || null, anon: field('anon').value !== '', owner: Number(field('owner').value) };
  }

  lab.state.watch((state) => {
    const here = isNode(state);
    for (const only of form.querySelectorAll('[data-node]')) if (only instanceof HTMLElement) only.hidden = !here;
    const cpus = state?.config.pcp.cpus ?? 1;
    const cpu = /** @type {HTMLSelectElement} */ (field('cpu'));
    for (const only of form.querySelectorAll('[data-cpus]')) if (only instanceof HTMLElement) only.hidden = cpus < 2;
    if (cpu.options.length !== cpus + 1) {
      cpu.replaceChildren(make('option', { text: 'the CPU that runs', attributes: { value: '' } }),
        ...Array.from({ length: cpus }, (_, n) => make('option', { text: `CPU ${n}`, attributes: { value: String(n) } })));
    }
    const names = here ? lab.rows.map(({ zone }) => zone) : [];
    const zones = /** @type {HTMLSelectElement} */ (field('zone'));
    if (String([...zones.options].slice(1).map(({ value }) => value)) === String(names)) return;
    zones.replaceChildren(make('option', { text: 'by the rule: Movable for movable pages', attributes: { value: '' } }),
      ...names.map((name, slot) => make('option', { text: slot ? `${name} and below` : name, attributes: { value: name } })));
  });

  byId('alloc-would', HTMLButtonElement).addEventListener('click', () => {
    const zone = isNode(lab.state.value) ? field('zone').value : '';
    ui.question.set({ order: Number(field('order').value), migratetype: field('migratetype').value, zone, atomic: field('atomic').value !== '' });
    byId('alloc-menu', HTMLElement).hidePopover();
    ui.drawer.set('would');
  });

  /** @param {import('../types.js').CommandResult} result */
  function land({ pfns = [], failed = 0, errno = 'ENOMEM', words = [] }) {
    const state = lab.state.value;
    if (!state) return;
    const blocks = [...new Set(pfns.map((pfn) => blockOfPfn(state, pfn)))].sort((a, b) => a - b);
    if (blocks.length) ui.selection.set(several(blocks.map((block) => [block, block]), blocks[0]));
    const zones = isNode(state) ? ` of ${[...new Set(blocks.map((block) => lab.rows[slotOfBlock(lab.rows, block)]?.zone))].join(' and ')}` : '';
    const where = pfns.length === 0 ? '' : pfns.length === 1
      ? `PFN ${grouped(pfns[0])}, in block ${blocks[0]}${zones}.`
      : `${counted(pfns.length, 'chunk')} from PFN ${grouped(pfns[0])} on, in ${counted(blocks.length, 'block')}${zones}.`;
    if (errno === HANGS) ui.say(hangWords(words), 'hang');
    if (failed) setText(error, `${where} ${counted(failed, 'request')} failed: ${errno}.`.trim());
    else ui.say(where);
  }
}
