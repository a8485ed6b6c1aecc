// Which workload runs: all by name with what each shows, and the numbers of the one that runs, live.

import { byId, make, setText } from '../draw/dom.js';
import { grouped } from '../draw/format.js';
import { roving, stopAt } from '../draw/roving.js';
import { ends, placeOf, valueAt } from '../state/dial.js';
import { problemOf, refusalWords } from '../actions.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../types.js').WorkloadRow} WorkloadRow
 * @typedef {import('../types.js').ParameterRow} ParameterRow
 */

const TYPES = /** @type {const} */ (['UNMOVABLE', 'RECLAIMABLE', 'MOVABLE']);
const CHURN = 'churn';
/** A hand on a slider is followed so often; the last place always counts. */
const FOLLOW_MS = 100;

/**
 * @param {Lab} lab
 * @param {Actions} actions
 * @returns {{open: () => void, draw: () => void}}
 */
export function mountWorkload(lab, actions) {
  const menu = byId('workload-menu', HTMLElement);
  const button = byId('workload-button', HTMLElement);
  const rows = byId('workload-rows', HTMLElement);
  const numbers = byId('workload-numbers', HTMLElement);
  const form = byId('workload-form', HTMLFormElement);
  const error = byId('workload-error', HTMLElement);
  const sentence = byId('workload-shows', HTMLElement);
  const told = byId('workload-told', HTMLElement);
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  /** What a hand has set and the service has not been told. @type {Record<string, number>} */
  let wanted = {};
  let sending = false;
  let shown = '';

  /** @param {Record<string, unknown>} fields */
  async function set(fields) {
    setText(error, '');
    for (const input of menu.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
    try {
      await actions.workload(fields);
    } catch (refusal) {
      setText(error, refusalWords(refusal));
      const name = (problemOf(refusal)?.field ?? '').replace('mix.', '');
      menu.querySelector(`input[type="number"][data-name="${name}"], input[name="${name}"]`)?.setAttribute('aria-invalid', 'true');
    }
  }

  async function follow() {
    if (sending) return;
    sending = true;
    while (Object.keys(wanted).length) {
      const fields = wanted;
      wanted = {};
      await set(fields);
      await new Promise((done) => setTimeout(done, FOLLOW_MS));
    }
    sending = false;
    refresh();
  }

  /** @param {ParameterRow} row @param {number} value */
  function want(row, value) {
    wanted[row.name] = value;
    // The levels of the churn push each other along.
    const now = { ...lab.state.value?.workload.parameters, ...wanted };
    if (row.name === 'low' && now.high < value) wanted.high = value;
    if (row.name === 'high' && now.low > value) wanted.low = value;
    for (const [name, number] of Object.entries(wanted)) write(name, number);
    follow();
  }

  /**
   * A number's slider and field as they should stand; what somebody types in is left alone.
   * @param {string} name
   * @param {number} value
   */
  function write(name, value) {
    const row = kind()?.parameters.find((parameter) => parameter.name === name);
    if (!row) return;
    for (const input of numbers.querySelectorAll(`input[data-name="${name}"]`)) {
      if (!(input instanceof HTMLInputElement)) continue;
      const slider = input.type === 'range';
      if (slider) input.setAttribute('aria-valuetext', `${value} ${row.unit}`);
      else if (input === document.activeElement) continue;
      input.value = String(slider ? placeOf(row, value) : value);
    }
  }

  const kind = () => lab.hello.value?.workloads.find(({ name }) => name === lab.state.value?.workload.name);

  /** @param {ParameterRow} row */
  function line(row) {
    const { least, most } = ends(row);
    const id = `workload-${row.name}`;
    const slider = make('input', {
      data: { name: row.name }, test: `slide-${row.name}`,
      attributes: { type: 'range', min: String(least), max: String(most), 'aria-labelledby': `${id}-title`, 'aria-describedby': `${id}-words` },
      on: { input: () => want(row, valueAt(row, Number(slider.value))) },
    });
    const number = make('input', {
      data: { name: row.name }, test: `number-${row.name}`,
      attributes: { type: 'number', id, min: String(row.least), max: String(row.most), inputmode: 'numeric', 'aria-describedby': `${id}-words` },
      on: { change: () => number.value !== '' && want(row, Number(number.value)) },
    });
    return make('div', { class: 'number' },
      make('label', { text: row.title, attributes: { for: id, id: `${id}-title` } }), slider, number,
      make('span', { text: row.unit }), make('small', { text: row.words, attributes: { id: `${id}-words` } }));
  }

  function refresh() {
    const { hello: { value: hello }, state: { value: state } } = lab;
    if (!hello || !state) return;
    const { workload } = state;
    setText(sentence, kind()?.shows ?? '');
    setText(button, kind()?.title ?? workload.name);
    for (const row of rows.querySelectorAll('button')) row.setAttribute('aria-checked', String(row.dataset.name === workload.name));
    if (!rows.contains(document.activeElement)) stopAt(rows, 'button', rows.querySelector('[aria-checked="true"]'));
    if (shown !== workload.name) {
      shown = workload.name;
      numbers.replaceChildren(...(kind()?.parameters ?? []).map(line));
      form.hidden = workload.name !== CHURN;
    }
    if (!sending) for (const [name, value] of Object.entries(workload.parameters)) write(name, value);
    if (menu.matches(':popover-open') && form.contains(document.activeElement)) return;
    TYPES.forEach((type, i) => { field(type).value = String(workload.mix.migratetypes?.[i] ?? 0); });
    field('orders').value = (workload.mix.orders ?? []).join(' ');
  }

  lab.hello.watch((hello) => {
    rows.replaceChildren(...(hello?.workloads ?? []).map(({ name, title, shows }) => make('button', {
      test: `workload-${name}`, data: { name }, attributes: { type: 'button', role: 'radio', 'aria-checked': 'false' },
      on: {
        click: () => name !== lab.state.value?.workload.name && set({ name }),
        focus: () => setText(sentence, shows),
        pointerenter: () => setText(sentence, shows),
        pointerleave: () => setText(sentence, kind()?.shows ?? ''),
      },
    }, make('b', { text: title }), make('span', { text: shows }))));
    shown = '';
    refresh();
  });
  roving(rows, 'button');
  lab.state.watch(refresh);
  menu.addEventListener('toggle', () => {
    setText(error, '');
    draw();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const orders = field('orders').value.trim().split(/[\s,]+/).map(Number);
    set({ mix: { migratetypes: TYPES.map((type) => Number(field(type).value)), orders } });
  });

  /** What came of it since boot. */
  function draw() {
    if (!menu.matches(':popover-open') || Number.isNaN(lab.counter('allocs'))) return;
    const [got, failed, moved] = ['allocs', 'alloc_failed', 'migrated'].map((name) => grouped(lab.counter(name)));
    setText(told, `Since boot ${got} requests were served, ${failed} found nothing, ${moved} pages migrated.`);
  }

  /** Who comes by key goes on in it. */
  function open() {
    menu.showPopover();
    const row = rows.querySelector('[aria-checked="true"]');
    if (row instanceof HTMLElement) row.focus();
  }

  return { open, draw };
}
