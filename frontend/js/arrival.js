// Whoever opens a link comes to the moment that it is of, once the lab is known.

import { refusalWords } from './actions.js';

/**
 * @typedef {import('./state/lab.js').Lab} Lab
 * @typedef {import('./state/ui.js').Ui} Ui
 * @typedef {import('./state/address.js').LinkMoment} LinkMoment
 */

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {LinkMoment|null} wanted null: the present
 * @param {(op: number, step: number|null, branch: number|null) => Promise<unknown>} seek
 * @returns {() => void} to be called at each frame until it has happened
 */
export function arrival(lab, ui, wanted, seek) {
  let waits = wanted !== null;
  return () => {
    const { moment, hello: { value: hello }, state: { value: state } } = lab;
    if (!waits || !wanted || !moment || !hello || !state) return;
    waits = false;
    const { op, step, branch } = wanted;
    const there = lab.op === op && (branch === null || branch === moment.branch) && (moment.whole ? null : moment.step) === step;
    if (there) return;
    if (hello.role === 'viewer') ui.say(`This link is of operation ${op}. A viewer goes nowhere: this is where the session stands.`);
    else seek(op, step, branch).catch((error) => ui.say(`The link’s moment is not there. ${refusalWords(error)} This is where the session stands.`, 'error'));
  };
}
