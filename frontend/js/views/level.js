// In and out of the page level: the head of the map's panel says where one is, and its tools lead there and back.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { prefer } from '../state/prefs.js';
import { count } from '../state/selection.js';
import { neighbour, spanOf } from '../state/pagespan.js';
import { slotOfBlock } from '../state/zones.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 */

/** So much of the wheel leads out: a finger that only trembles does not. */
const OUT_PX = 40;

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @returns {() => void} in by the key, or out
 */
export function mountLevel(lab, ui) {
  const title = byId('map-title', HTMLElement);
  const where = byId('map-where', HTMLElement);
  const key = byId('map-key', HTMLElement);
  const map = byId('map', HTMLElement);
  const level = byId('pages-level', HTMLElement);
  const zone = byId('map-plot', HTMLElement);
  const pages = byId('pages-plot', HTMLElement);
  const enter = byId('pages-button', HTMLButtonElement);
  const [before, after] = [byId('pages-before', HTMLButtonElement), byId('pages-after', HTMLButtonElement)];
  const words = title.textContent ?? '';
  const back = make('button', {
    text: words, class: 'crumb', test: 'map-back', title: 'Back to the whole zone (Esc)', attributes: { type: 'button' }, on: { click: () => ui.leave() },
  });
  const name = make('span');
  let was = -1;

  /** The one that is selected, or -1. */
  const chosen = () => (count(ui.selection.value) === 1 ? ui.selection.value.ranges[0][0] : -1);
  const toggle = () => {
    if (ui.inside.value >= 0) ui.leave();
    else if (chosen() >= 0) ui.enter(chosen());
  };

  const span = () => {
    const state = lab.state.value;
    return state ? spanOf(state, ui.inside.value, ui.part.value) : null;
  };
  /** @param {number} step */
  const next = (step) => {
    const here = span();
    return here && lab.state.value ? neighbour(here, lab.state.value, step) : null;
  };

  function write() {
    const inside = ui.inside.value >= 0;
    const here = span();
    setText(name, ` › Block ${ui.inside.value}`);
    if (inside && !back.isConnected) title.replaceChildren(back, name);
    else if (!inside && back.isConnected) title.textContent = words;
    key.hidden = inside;
    where.hidden = !inside;
    byId('map-grain', HTMLElement).hidden = inside;
    byId('pages-turn', HTMLElement).hidden = !inside;
    const part = here && here.parts > 1 ? `, ${here.part + 1} of ${here.parts}` : '';
    setText(where, here ? `PFN ${grouped(here.first)}–${grouped(here.first + here.count - 1)}${part}` : '');
    enter.setAttribute('aria-pressed', String(inside));
    enter.setAttribute('aria-disabled', String(!inside && chosen() < 0));
    enter.title = inside ? 'Back to the whole zone (p)' : chosen() < 0 ? 'Pick one block first.' : `The pages of block ${chosen()} (p, or Enter, or a double click)`;
    byId('select-tool', HTMLElement).hidden = inside;
    for (const [button, step] of /** @type {[HTMLButtonElement, number][]} */ ([[before, -1], [after, 1]])) {
      const there = next(step);
      button.setAttribute('aria-disabled', String(!there));
      button.title = there ? placeWords(there, here?.parts ?? 1) : 'The zone ends here.';
    }
  }

  ui.inside.watch((inside) => {
    // The pages lie in the map: where its table stands in its place, the map comes back.
    if (inside >= 0 && map.hidden) prefer({ map: 'picture' });
    const focused = pages.contains(document.activeElement) || zone.contains(document.activeElement) || document.activeElement === back;
    write();
    if (focused && was < 0 !== inside < 0) {
      // Who came by pointer needs no ring round the whole map.
      const [from, to] = inside < 0 ? [pages, zone] : [zone, pages];
      if ('pointer' in from.dataset) to.dataset.pointer = '';
      else delete to.dataset.pointer;
      to.focus({ preventScroll: true });
    }
    was = inside;
  });
  ui.part.watch(write);
  ui.selection.watch(write);
  lab.state.watch((state) => {
    if (state && ui.inside.value >= 0 && slotOfBlock(state.zones, ui.inside.value) < 0) ui.leave();
    write();
  });
  enter.addEventListener('click', toggle);
  for (const id of ['zoom-out', 'zoom-all']) byId(id, HTMLElement).addEventListener('click', () => ui.leave());
  for (const [button, step] of /** @type {[HTMLButtonElement, number][]} */ ([[before, -1], [after, 1]])) {
    button.addEventListener('click', () => {
      const there = next(step);
      if (there) ui.goTo(there);
    });
  }
  map.closest('section')?.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || ui.inside.value < 0) return;
    ui.leave();
    event.preventDefault();
  });
  let rolled = 0;
  level.addEventListener('wheel', (event) => {
    if (!matchMedia('(min-width: 1200px)').matches) return;
    event.preventDefault();
    rolled = event.deltaY > 0 ? rolled + event.deltaY : 0;
    if (rolled < OUT_PX) return;
    rolled = 0;
    ui.leave();
  }, { passive: false });
  return toggle;
}

/**
 * @param {{block: number, part: number}} place
 * @param {number} parts
 */
function placeWords({ block, part }, parts) {
  return parts > 1 ? `Block ${block}, part ${part + 1} of ${parts}` : `Block ${block}`;
}
