// Notes: what somebody wrote down at a moment, listed, and each leads there.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').NoteRow} NoteRow
 */

/**
 * @param {Lab} lab
 * @param {Actions} actions
 * @returns {{open: () => void}}
 */
export function mountNotebook(lab, actions) {
  const menu = byId('note-menu', HTMLElement);
  const form = byId('note-form', HTMLFormElement);
  const text = byId('note-text', HTMLInputElement);
  const label = byId('note-label', HTMLElement);
  const error = byId('note-error', HTMLElement);
  const list = byId('note-list', HTMLUListElement);

  /** @param {Promise<unknown>} answer @returns {Promise<boolean>} whether it went well */
  const told = async (answer) => {
    setText(error, '');
    try {
      await answer;
      return true;
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      return false;
    }
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) {
      setText(error, 'A note needs a word or two.');
      text.focus();
    } else if (await told(actions.note(words))) {
      text.value = '';
      text.focus();
    }
  });

  const fill = () => {
    const viewer = lab.hello.value?.role === 'viewer';
    form.hidden = viewer;
    const { moment } = lab;
    if (moment) setText(label, moment.whole ? `Note at operation ${grouped(lab.op)}` : `Note at operation ${grouped(lab.op)}, write ${moment.step}`);
    const focused = list.contains(document.activeElement);
    list.replaceChildren(...lab.notes.value.map((row) => item(row, viewer)));
    byId('note-none', HTMLElement).hidden = lab.notes.value.length > 0;
    if (focused) menu.focus();
  };
  menu.addEventListener('toggle', () => {
    setText(error, '');
    fill();
    if (menu.matches(':popover-open')) (form.hidden ? menu : text).focus();
  });
  lab.notes.watch(fill);

  /** @param {NoteRow} row @param {boolean} viewer */
  function item({ note, op, step, text: words }, viewer) {
    const when = step === null ? `operation ${grouped(op)}` : `operation ${grouped(op)}, write ${step}`;
    const go = make('button', {
      class: 'note-go', test: 'note-go', attributes: { type: 'button', 'aria-disabled': String(viewer), title: `Go to ${when}` },
      on: { click: () => viewer || told(actions.seek(op, step)).then(fill) },
    }, make('b', { text: words }), make('span', { text: when }));
    const drop = make('button', {
      text: 'Delete', test: 'note-delete', attributes: { type: 'button', 'aria-label': `Delete the note: ${words}` },
      on: { click: () => told(actions.deleteNote(note)) },
    });
    return make('li', { class: 'note', test: 'note', data: { op: String(op) } }, go, ...(viewer ? [] : [drop]));
  }
  return { open: () => menu.showPopover() };
}
