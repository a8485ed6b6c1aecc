// Ask the allocator for pages: it chooses the place, the page shows where.

import { byId, setText } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { problemOf, refusalWords } from '../actions.js';
import { several } from '../state/selection.js';

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
      const result = await actions.alloc({
        order: Number(field('order').value), migratetype: field('migratetype').value, count: Number(field('count').value),
        lru: lru === '' ? null : lru === 'yes', atomic: field('atomic').value !== '',
      });
      // The notice, or the error, is heard already.
      ui.told.set({ text: '', op: result.op });
      land(result.pfns ?? [], result.failed ?? 0, result.errno ?? 'ENOMEM');
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      const input = form.elements.namedItem(problemOf(refusal)?.field ?? '');
      if (input instanceof HTMLElement) input.setAttribute('aria-invalid', 'true');
    }
  });

  /**
   * @param {number[]} pfns
   * @param {number} failed
   * @param {string} errno
   */
  function land(pfns, failed, errno) {
    const state = lab.state.value;
    if (!state) return;
    const { zone, config } = state;
    const blocks = [...new Set(pfns.map((pfn) => Math.floor((pfn - zone.first_block_pfn) / 2 ** config.pageblock_order)))].sort((a, b) => a - b);
    if (blocks.length) ui.selection.set(several(blocks.map((block) => [block, block]), blocks[0]));
    const where = pfns.length === 0 ? '' : pfns.length === 1
      ? `PFN ${grouped(pfns[0])}, in block ${blocks[0]}.`
      : `${counted(pfns.length, 'chunk')} from PFN ${grouped(pfns[0])} on, in ${counted(blocks.length, 'block')}.`;
    if (failed) setText(error, `${where} ${counted(failed, 'request')} failed: ${errno}.`.trim());
    else ui.say(where);
  }
}
