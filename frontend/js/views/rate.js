// How fast, and what the workload asks for.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { roving, stopAt } from '../draw/roving.js';
import { problemOf, refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../actions.js').Actions} Actions
 */

const RATES = Object.freeze([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000]);
const TYPES = /** @type {const} */ (['UNMOVABLE', 'RECLAIMABLE', 'MOVABLE']);

/**
 * @param {Lab} lab
 * @param {Actions} actions
 * @returns {{faster: () => void, slower: () => void}}
 */
export function mountRate(lab, actions) {
  const menu = byId('rate-menu', HTMLElement);
  const choices = byId('rate-choices', HTMLElement);
  const form = byId('workload-form', HTMLFormElement);
  const error = byId('rate-error', HTMLElement);
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

  /** @param {Promise<unknown>} answer */
  async function told(answer) {
    setText(error, '');
    for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
    try {
      await answer;
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      const name = problemOf(refusal)?.field ?? '';
      const input = form.elements.namedItem(name.replace('mix.', ''));
      if (input instanceof HTMLElement) input.setAttribute('aria-invalid', 'true');
    }
  }

  choices.replaceChildren(...RATES.map((rate) => make('button', {
    text: grouped(rate), test: `rate-${rate}`, data: { rate: String(rate) }, attributes: { type: 'button', role: 'radio', 'aria-checked': 'false' },
    on: { click: () => told(actions.rate(rate)) },
  })));
  roving(choices, 'button');
  lab.state.watch((state) => {
    if (!state) return;
    for (const choice of choices.querySelectorAll('button')) choice.setAttribute('aria-checked', String(choice.dataset.rate === String(state.run.rate)));
    if (!choices.contains(document.activeElement)) stopAt(choices, 'button', choices.querySelector('[aria-checked="true"]'));
    if (menu.matches(':popover-open') && form.contains(document.activeElement)) return;
    const { workload } = state;
    field('low').value = String(workload.low);
    field('high').value = String(workload.high);
    TYPES.forEach((type, i) => { field(type).value = String(workload.mix.migratetypes?.[i] ?? 0); });
    field('orders').value = (workload.mix.orders ?? []).join(' ');
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const orders = field('orders').value.trim().split(/[\s,]+/).map(Number);
    told(actions.workload({
      low: Number(field('low').value), high: Number(field('high').value),
      mix: { migratetypes: TYPES.map((type) => Number(field(type).value)), orders },
    }));
  });

  const move = (/** @type {(rate: number, now: number) => boolean} */ fits, /** @type {1|-1} */ direction) => () => {
    const now = lab.state.value?.run.rate ?? 1;
    const next = (direction > 0 ? RATES : [...RATES].reverse()).find((rate) => fits(rate, now));
    if (next) told(actions.rate(next));
  };
  return { faster: move((rate, now) => rate > now, 1), slower: move((rate, now) => rate < now, -1) };
}
