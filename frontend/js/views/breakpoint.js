// Stop at…: a predicate, and the run on or back to where it comes true; the values of its parts there.

import { byId, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { problemOf, refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').PredicateValue} PredicateValue
 */

const LOOK_MS = 250;

/**
 * @param {Lab} lab
 * @param {Actions} actions
 */
export function mountBreakpoint(lab, actions) {
  const menu = byId('break-menu', HTMLElement);
  const text = byId('break-text', HTMLInputElement);
  const steps = byId('break-steps', HTMLInputElement);
  const words = byId('break-words', HTMLElement);
  const stop = byId('break-stop', HTMLButtonElement);
  /** The command that searches, or −1. */
  let searching = -1;
  let timer = 0;

  /** @param {string} said @param {boolean} [fault] */
  const say = (said, fault = false) => {
    setText(words, said);
    words.classList.toggle('error', fault);
  };
  /** @param {unknown} error */
  const refused = (error) => say(problemOf(error)?.detail || refusalWords(error), true);

  /** @param {boolean} back */
  async function search(back) {
    if (searching >= 0 || !text.value.trim()) return;
    say('searching…');
    stop.hidden = false;
    try {
      const fields = { predicate: text.value, back, grain: /** @type {'operation'|'step'} */ (steps.checked ? 'step' : 'operation'), zone: lab.zoneAsked };
      const answer = await actions.runTo(fields, (id) => { searching = id; });
      const where = answer.whole ? `operation ${grouped(answer.op)}` : `operation ${grouped(answer.op)}, write ${answer.step} of ${answer.steps}`;
      say([`${where}: ${answer.words[0]}.`, ...answer.values.map(worth)].join('\n'));
    } catch (error) {
      refused(error);
    } finally {
      searching = -1;
      stop.hidden = true;
    }
  }

  byId('break-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    search(false);
  });
  byId('break-back', HTMLButtonElement).addEventListener('click', () => search(true));
  stop.addEventListener('click', () => { if (searching >= 0) actions.cancel(searching).catch(refused); });
  menu.addEventListener('toggle', () => {
    if (!menu.matches(':popover-open')) return;
    text.focus();
    text.select();
  });
  text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      if (!text.value.trim()) {
        say('');
        return;
      }
      try {
        const { holds, values } = await actions.predicate(text.value, lab.zoneAsked);
        if (searching < 0) say([`now: ${holds ? 'true' : 'false'}`, ...values.map(worth)].join('\n'));
      } catch (error) {
        refused(error);
      }
    }, LOOK_MS);
  });
  return {
    /** With the keyboard. */
    open: () => menu.showPopover(),
  };
}

/** @param {PredicateValue} part */
function worth({ text, value, word }) {
  if (value === null) return `${text}: no value`;
  return `${text} = ${word || grouped(value)}`;
}
