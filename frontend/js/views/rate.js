// How fast: so many operations a second, or as fast as it goes.

import { byId, make, setText } from '../draw/dom.js';
import { grouped, rounded } from '../draw/format.js';
import { roving, stopAt } from '../draw/roving.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../actions.js').Actions} Actions
 */

/** The last stop has no number. @type {readonly (number|null)[]} */
const RATES = Object.freeze([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, null]);
const FLAT_OUT = 'as fast as it goes';

/**
 * @param {Lab} lab
 * @param {Actions} actions
 * @returns {{faster: () => void, slower: () => void, draw: () => void}}
 */
export function mountRate(lab, actions) {
  const button = byId('rate-button', HTMLElement);
  const choices = byId('rate-choices', HTMLElement);
  const error = byId('rate-error', HTMLElement);
  /** Where the operations stood when they were looked at last, and how many a second they were then. */
  const seen = { op: 0, at: 0, rate: NaN };

  /** @param {number|null} rate */
  async function choose(rate) {
    setText(error, '');
    try {
      await actions.rate(rate);
    } catch (refusal) {
      setText(error, refusalWords(refusal));
    }
  }

  choices.replaceChildren(...RATES.map((rate) => make('button', {
    text: rate === null ? FLAT_OUT : grouped(rate), test: `rate-${rate ?? 'flat-out'}`, data: { rate: String(rate) },
    attributes: { type: 'button', role: 'radio', 'aria-checked': 'false' }, on: { click: () => choose(rate) },
  })));
  roving(choices, 'button');

  function write() {
    const run = lab.state.value?.run;
    if (!run) return;
    const measured = lab.running.value && seen.rate > 0;
    setText(button, run.rate !== null ? `${grouped(run.rate)} ops/s` : measured ? `${rounded(seen.rate)} ops/s` : 'full speed');
    button.title = run.rate === null ? 'As fast as it goes (−: slower)' : 'Operations a second (+ and −)';
  }

  lab.state.watch((state) => {
    if (!state) return;
    for (const choice of choices.querySelectorAll('button')) choice.setAttribute('aria-checked', String(choice.dataset.rate === String(state.run.rate)));
    if (!choices.contains(document.activeElement)) stopAt(choices, 'button', choices.querySelector('[aria-checked="true"]'));
    write();
  });

  /** How fast it goes is measured here: by the operations that came since the last look. */
  function draw() {
    const now = performance.now();
    seen.rate = seen.at && lab.op >= seen.op ? ((lab.op - seen.op) * 1000) / (now - seen.at) : NaN;
    seen.op = lab.op;
    seen.at = now;
    write();
  }

  /** @param {1|-1} direction */
  const move = (direction) => () => {
    const now = RATES.findIndex((rate) => (rate ?? Infinity) >= (lab.state.value?.run.rate ?? Infinity));
    const exact = RATES[now] === lab.state.value?.run.rate;
    const next = RATES[direction > 0 && !exact ? now : now + direction];
    if (next !== undefined) choose(next);
  };
  return { faster: move(1), slower: move(-1), draw };
}
