// The bar: which zone, which kernel, run and pause, how fast, how fresh.

import { byId, setText } from '../draw/dom.js';
import { counted, zoneSize } from '../draw/format.js';
import { refusalWords } from '../actions.js';
import { isNode } from '../state/zones.js';

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
export function mountHeader(lab, ui, actions) {
  const play = byId('play', HTMLButtonElement);
  const step = byId('step', HTMLButtonElement);
  const words = /** @type {HTMLElement} */ (document.querySelector('.connection-words'));
  const banner = byId('banner', HTMLElement);

  lab.connection.watch(({ phase, words: text }) => {
    document.body.dataset.state = phase;
    setText(words, text);
  });
  lab.running.watch((running) => {
    setText(play, running ? '❚❚' : '▶');
    play.setAttribute('aria-label', running ? 'Pause' : 'Run');
  });
  lab.state.watch((state) => {
    if (!state) return;
    const { config, run, source, zones } = state;
    const name = isNode(state) ? counted(zones.length, 'zone') : `${source ? `node ${source.node}, ` : ''}${config.zone}`;
    const pages = isNode(state) ? zones.reduce((sum, zone) => sum + zone.spanned_pages, 0) : config.spanned_pages;
    setText(byId('zone-button', HTMLElement), `${name} · ${zoneSize(pages)}`);
    const stopped = run.stopped !== null;
    play.setAttribute('aria-disabled', String(stopped && !state.demonstration));
    step.setAttribute('aria-disabled', String(stopped || (state.demonstration?.over ?? false)));
    banner.hidden = !stopped;
    if (stopped) setText(banner, `${run.stopped} The zone is as it was then: boot it again (under its name), or take another model.`);
  });

  const told = async (/** @type {Promise<unknown>} */ answer) => {
    try {
      await answer;
      ui.acted.set(lab.op);
    } catch (error) {
      ui.say(refusalWords(error), 'error');
    }
  };
  play.addEventListener('click', () => {
    const story = lab.state.value?.demonstration;
    // At its end there is nothing left to run: it is told again.
    if (story?.over) told(actions.demonstrate({ scenario: story.name, geometry: story.geometry }));
    else told(lab.running.value ? actions.pause() : actions.run());
  });
  step.addEventListener('click', () => {
    ui.acted.set(lab.op);
    told(actions.step(1));
  });
}
