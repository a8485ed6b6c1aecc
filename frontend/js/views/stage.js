// The strip over the page while a demonstration is given: what is done, what to look at, what the books say.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { booksWords, countWords, nodeWords, nrFreeWords, sayWords } from '../draw/story.js';
import { refusalWords } from '../actions.js';
import { clipped, several } from '../state/selection.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').Demonstration} Demonstration
 */

const COLUMNS = Object.freeze(['operation', 'NR_FREE_PAGES', 'Σ nr_free · 2ᵒ', 'usable', 'nr_free, order 0 up']);

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountStage(lab, ui, actions) {
  const stage = byId('stage', HTMLElement);
  const sizes = byId('stage-sizes', HTMLElement);
  const toEnd = byId('stage-to-end', HTMLButtonElement);
  const opener = byId('stage-story', HTMLButtonElement);
  const tab = byId('tab-story', HTMLButtonElement);
  /** The demonstration and size on show, as "name geometry"; '' when there is none. */
  let shown = '';
  /** What was selected before. */
  let held = ui.selection.value;

  const told = async (/** @type {Promise<unknown>} */ answer) => {
    try {
      await answer;
    } catch (refusal) {
      ui.say(refusalWords(refusal), 'error');
    }
  };
  const story = () => lab.state.value?.demonstration ?? null;
  const begin = (/** @type {string} */ geometry) => told(actions.demonstrate({ scenario: story()?.name ?? '', geometry }));
  byId('stage-again', HTMLButtonElement).addEventListener('click', () => begin(story()?.geometry ?? ''));
  byId('stage-end', HTMLButtonElement).addEventListener('click', () => told(actions.endDemonstration()));
  toEnd.addEventListener('click', async () => {
    await told(actions.pause());
    const left = (story()?.steps.length ?? 0) - (story()?.results.length ?? 1) + 1;
    if (left > 0) told(actions.step(left));
  });
  opener.addEventListener('click', () => ui.drawer.set(ui.drawer.value === 'story' ? null : 'story'));
  ui.drawer.watch((open) => opener.setAttribute('aria-expanded', String(open === 'story')));

  lab.state.watch((state) => {
    const demonstration = state?.demonstration ?? null;
    stage.hidden = tab.hidden = demonstration === null;
    document.body.toggleAttribute('data-stage', demonstration !== null);
    if (!demonstration) {
      if (shown && ui.drawer.value === 'story') ui.drawer.set(null);
      if (shown) ui.selection.set(clipped(held, state?.zone.nr_pageblocks ?? 0));
      shown = '';
      return;
    }
    const row = lab.hello.value?.scenarios.find(({ name }) => name === demonstration.name);
    const key = `${demonstration.name} ${demonstration.geometry}`;
    if (key !== shown) {
      if (!shown) held = ui.selection.value;
      shown = key;
      ui.selection.set(several([demonstration.blocks], demonstration.blocks[0]));
      sizes.replaceChildren(...(row?.geometries ?? []).map(({ name, title }) => make('button', {
        text: title, test: `stage-${name}`, attributes: { type: 'button', role: 'radio', 'aria-checked': String(name === demonstration.geometry) },
        on: { click: () => begin(name) },
      })));
    }
    setText(byId('stage-title', HTMLElement), row?.title ?? demonstration.name);
    setText(byId('stage-count', HTMLElement), countWords(demonstration));
    setText(byId('stage-say', HTMLElement), sayWords(demonstration, row?.question ?? ''));
    setText(byId('stage-look', HTMLElement), demonstration.touched
      ? 'Somebody has acted on this zone besides the story: the numbers are their own.' : demonstration.look);
    setText(byId('stage-books', HTMLElement), booksWords(demonstration));
    toEnd.setAttribute('aria-disabled', String(demonstration.over));
    tell(demonstration);
  });
}

/** Every step with its numbers under it; those to come are told without. @param {Demonstration} story */
function tell({ steps, results }) {
  const taken = results.length - 1;
  const told = ['The zone as the story finds it.', ...steps].map((say, k) => {
    const result = results[k];
    const numbers = result
      ? [grouped(result.op), grouped(result.nr_free_pages), grouped(result.nr_free_sum), grouped(result.usable), nrFreeWords(result)]
      : [];
    const body = make('tbody', { test: `story-${k}` },
      make('tr', {}, make('th', { text: `${k}. ${say}`, attributes: { scope: 'rowgroup', colspan: String(COLUMNS.length) } })),
      make('tr', {}, ...numbers.map((text) => make('td', { text }))),
      ...(result?.node ? [make('tr', {}, make('td', { class: 'story-node', text: nodeWords(result.node), attributes: { colspan: String(COLUMNS.length) } }))] : []));
    if (k === taken) body.setAttribute('aria-current', 'step');
    body.toggleAttribute('data-broke', (result?.broke.length ?? 0) > 0);
    return body;
  });
  byId('drawer-story', HTMLElement).replaceChildren(make('table', { class: 'story' },
    make('thead', {}, make('tr', {}, ...COLUMNS.map((text) => make('th', { text, attributes: { scope: 'col' } })))), ...told));
}
