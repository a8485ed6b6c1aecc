// A look at the list under the pointer or the focus: its PFNs head to tail, and its blocks lit on the map.

import { byId, make } from '../draw/dom.js';
import { counted, grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';
import { printedName } from '../state/vocabulary.js';
import { blockOfPfn } from '../state/zones.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 */

/** PFNs that are told; a click has them all. */
const TOLD = 24;
/** A pointer that only passes asks for nothing; one that stays sees the list as it is now. */
const REST_MS = 120;
const AGAIN_MS = 500;

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountListPeek(lab, ui, actions) {
  const box = byId('peek', HTMLElement);
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  ui.peek.watch((peek) => {
    clearTimeout(timer);
    if (peek) {
      timer = setTimeout(look, REST_MS);
      return;
    }
    box.hidden = true;
    ui.lit.set(new Set());
  });

  async function look() {
    const peek = ui.peek.value;
    const state = lab.state.value;
    if (!peek || !state || lab.connection.value.phase !== 'live') return;
    const { order, migratetype } = peek;
    try {
      const { pfns, total } = await actions.list({ zone: lab.zoneAsked, order, migratetype, offset: 0 });
      if (ui.peek.value !== peek) return;
      ui.lit.set(new Set(pfns.map((pfn) => blockOfPfn(state, pfn))));
      tell(`${printedName(migratetype)}, order ${order}: ${counted(total, 'chunk')}${total ? ', head first' : ''}`, pfns, total);
    } catch (error) {
      tell(refusalWords(error), [], 0);
    }
    place(peek);
    timer = setTimeout(look, AGAIN_MS);
  }

  /**
   * @param {string} title
   * @param {number[]} pfns
   * @param {number} total
   */
  function tell(title, pfns, total) {
    const told = pfns.slice(0, TOLD);
    const rest = total > told.length ? ` … and ${grouped(total - told.length)} more: click` : '';
    box.replaceChildren(make('p', { text: title }), ...(told.length ? [make('p', { class: 'mono', text: `${told.join(' ')}${rest}` })] : []));
  }

  /** @param {{x: number, y: number}} at */
  function place({ x, y }) {
    box.hidden = false;
    const size = box.getBoundingClientRect();
    box.style.left = `${Math.max(8, Math.min(x, innerWidth - size.width - 8))}px`;
    box.style.top = `${Math.max(8, Math.min(y + 8, innerHeight - size.height - 8))}px`;
  }
}
