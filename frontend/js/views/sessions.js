// Sessions: this one's name, those that are kept, and what goes out as a file or a link.

import { ago } from '../draw/ago.js';
import { byId, make, setText } from '../draw/dom.js';
import { counted, zoneSize } from '../draw/format.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').KeptRow} KeptRow
 * @typedef {{list: () => Promise<{kept: KeptRow[], off: string|null}>, copy: (name: string, to: string) => Promise<unknown>,
 *   drop: (name: string) => Promise<unknown>, fileUrl: () => string}} Keeping by HTTP
 */

const NAME_MAX = 40;

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 * @param {Keeping} keeping
 * @param {() => string} link to what is on show, with its moment
 * @param {import('../actions.js').Ask} ask
 * @returns {{open: () => void}}
 */
export function mountSessions(lab, ui, actions, keeping, link, ask) {
  const menu = byId('sessions-menu', HTMLElement);
  const form = byId('keep-form', HTMLFormElement);
  const name = byId('keep-name', HTMLInputElement);
  const words = byId('session-kept', HTMLElement);
  const list = byId('kept-list', HTMLUListElement);
  const error = byId('sessions-error', HTMLElement);
  const input = byId('session-file', HTMLInputElement);
  const shown = byId('session-link-text', HTMLInputElement);
  const opened = () => menu.matches(':popover-open');
  const viewer = () => lab.hello.value?.role === 'viewer';

  /** @param {Promise<unknown>} answer @returns {Promise<boolean>} whether it went well */
  async function told(answer) {
    setText(error, '');
    menu.setAttribute('aria-busy', 'true');
    try {
      return (await answer) !== null;
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      return false;
    } finally {
      menu.removeAttribute('aria-busy');
    }
  }

  /** The list as it is now; the hand stays on what it was on. */
  async function fill() {
    if (!opened()) return;
    let answer;
    try {
      answer = await keeping.list();
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      return;
    }
    const { kept, off } = answer;
    const names = new Set(kept.map((row) => row.name));
    const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : undefined;
    list.replaceChildren(...kept.map((row) => item(row, names)));
    if (focused) (/** @type {HTMLElement|null} */ (list.querySelector(`[data-key="${CSS.escape(focused)}"]`)) ?? menu).focus();
    form.hidden = off !== null || viewer();
    const none = byId('kept-none', HTMLElement);
    none.hidden = kept.length > 0;
    setText(none, off === null ? 'No session is kept yet.' : `This service keeps no sessions: ${off}.`);
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (await told(actions.keep(name.value.trim()))) {
      ui.say(`Kept as ${name.value.trim()}, from now on.`);
      fill();
    } else name.focus();
  });
  byId('session-open', HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', async () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (file && await told(actions.importFiles([file]))) {
      menu.hidePopover();
      ui.say(`Opened ${file.name}.`);
    }
  });
  byId('session-link', HTMLButtonElement).addEventListener('click', async () => {
    shown.value = link();
    shown.hidden = false;
    try {
      await navigator.clipboard.writeText(shown.value);
      ui.say('The link is copied.');
    } catch {
      // Not every page may write there: the reader can.
      shown.select();
    }
  });
  menu.addEventListener('toggle', () => {
    setText(error, '');
    shown.hidden = true;
    byId('session-save', HTMLAnchorElement).href = keeping.fileUrl();
    byId('session-open', HTMLButtonElement).hidden = viewer();
    fill();
  });
  lab.state.watch((state) => {
    const own = state?.kept ?? null;
    const text = own === null ? 'This session has no name: it ends with the service, or when nobody has used it for long.'
      : own.trouble ?? `This session is kept as ${own.name}, up to the last second.`;
    if (setText(words, text)) fill();
    words.classList.toggle('error', Boolean(own?.trouble));
    setText(byId('keep-label', HTMLElement), own === null ? 'Keep as' : 'Go on as');
  });

  /** @param {KeptRow} row @param {Set<string>} names */
  function item(row, names) {
    const here = row.name === lab.state.value?.kept?.name;
    const about = [`saved ${ago(row.saved_at, Date.now() / 1000)}`, `${row.zone} · ${zoneSize(row.pages)} · ${row.model}`,
      counted(row.op, 'operation'), ...(row.branches > 1 ? [counted(row.branches, 'branch')] : [])];
    const open = here ? make('span', { class: 'kept-here', text: 'here' })
      : make('a', { text: 'Open', test: 'kept-open', data: { key: `open ${row.name}` }, attributes: { href: `?session=${encodeURIComponent(row.name)}`, 'aria-label': `Open ${row.name}` } });
    const copy = make('button', {
      text: 'Copy', test: 'kept-copy', data: { key: `copy ${row.name}` }, attributes: { type: 'button', 'aria-label': `Copy ${row.name}` },
      on: { click: () => told(keeping.copy(row.name, another(row.name, names))).then(fill) },
    });
    const drop = make('button', {
      text: 'Delete', test: 'kept-delete', data: { key: `delete ${row.name}` }, attributes: { type: 'button', 'aria-label': `Delete ${row.name}` },
      on: { click: () => remove(row.name, here) },
    });
    return make('li', { class: 'kept', test: 'kept', data: { name: row.name } },
      make('b', { text: row.name }), make('span', { class: 'kept-about', text: about.join(' · ') }),
      make('span', { class: 'kept-does' }, open, ...(viewer() ? [] : [copy, drop])));
  }

  /** @param {string} which @param {boolean} here */
  async function remove(which, here) {
    const text = here ? 'It goes on as long as it is used, and is not kept.' : 'What was done in it is gone for good.';
    const sure = await ask({ title: `Delete ${which}?`, text, yes: 'Delete it' });
    menu.showPopover();
    if (sure) await told(keeping.drop(which));
    fill();
  }
  return { open: () => menu.showPopover() };
}

/**
 * A name for a copy that no other has.
 * @param {string} name
 * @param {Set<string>} names
 */
function another(name, names) {
  for (let n = 1; ; n++) {
    const end = n === 1 ? ' copy' : ` copy ${n}`;
    const made = `${name.slice(0, NAME_MAX - end.length).trimEnd()}${end}`;
    if (!names.has(made)) return made;
  }
}
