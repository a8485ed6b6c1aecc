// Another lab: a bare zone's shape or a node's zones, and the seed. A refusal stands at the field that caused it.

import { byId, make, setText } from '../draw/dom.js';
import { PAGES_PER_MIB } from '../draw/format.js';
import { MOST_ZONES, ZoneRows } from '../draw/zonerows.js';
import { problemOf, refusalWords } from '../actions.js';
import { isNode } from '../state/zones.js';

/**
 * @typedef {import('../state/lab.js').Lab} Lab
 * @typedef {import('../state/ui.js').Ui} Ui
 * @typedef {import('../actions.js').Actions} Actions
 * @typedef {import('../draw/zonerows.js').ZoneFields} ZoneFields
 * @typedef {import('../types.js').ZoneState} ZoneState
 */

const OF_ZONE = Object.freeze(['spanned_pages', 'start_pfn']);
const NUMBERS = Object.freeze(['pageblock_order', 'max_order', 'seed']);
const OPTIONAL = Object.freeze(['pcp_high', 'pcp_batch']);
const RANGES = /** @type {const} */ (['holes', 'cma']);
const SHAPE = { pageblock_order: '9', max_order: '11' };
const PRESETS = /** @type {[string, Record<string, string>][]} */ ([
  ['256 MiB', { spanned_pages: '65536', start_pfn: '0', ...SHAPE }],
  ['4 GiB', { spanned_pages: '1048576', start_pfn: '0', ...SHAPE }],
  ['unaligned, ragged', { spanned_pages: '60123', start_pfn: '300', ...SHAPE }],
  ['two blocks', { spanned_pages: '32', start_pfn: '0', pageblock_order: '4', max_order: '6' }],
]);
/** @param {[string, number][]} zones @returns {ZoneFields[]} */
const rows = (...zones) => zones.map(([zone, mib]) => ({ zone, mib, start: '' }));
const NODES = /** @type {[string, {zones: ZoneFields[], fields: Record<string, string>}][]} */ ([
  ['Normal + Movable', { zones: rows(['Normal', 16], ['Movable', 16]), fields: { min_free_kbytes: '256', swap_pages: '0', ...SHAPE } }],
  ['a small PC', { zones: rows(['DMA', 16], ['Normal', 240], ['HighMem', 128]), fields: { min_free_kbytes: '', swap_pages: '16384', ...SHAPE } }],
  ['a server', { zones: rows(['DMA', 16], ['DMA32', 1008], ['Normal', 3072]), fields: { min_free_kbytes: '', swap_pages: '0', ...SHAPE } }],
]);

/**
 * @param {Lab} lab
 * @param {Ui} ui
 * @param {Actions} actions
 */
export function mountConfigure(lab, ui, actions) {
  const dialog = byId('configure-dialog', HTMLDialogElement);
  const form = byId('configure-form', HTMLFormElement);
  const error = byId('configure-error', HTMLElement);
  const more = byId('configure-add', HTMLButtonElement);
  const [ofZone, ofNode] = [byId('configure-zone', HTMLElement), byId('configure-node', HTMLElement)];
  const presets = byId('configure-presets', HTMLElement);
  const kinds = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[name="kind"]'));
  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const zones = new ZoneRows(byId('configure-rows', HTMLElement), () => more.setAttribute('aria-disabled', String(zones.rows.length >= MOST_ZONES)));
  const whole = () => [...kinds].some(({ value, checked }) => checked && value === 'node');

  more.addEventListener('click', () => zones.rows.length < MOST_ZONES && zones.more());
  for (const kind of kinds) kind.addEventListener('change', () => turn());
  byId('open-configure', HTMLButtonElement).addEventListener('click', () => {
    byId('zone-menu', HTMLElement).hidePopover();
    const { state } = lab;
    if (state.value) fill(state.value);
    clear();
    turn();
    dialog.showModal();
  });
  byId('configure-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());

  /** @param {ZoneState} state what is on show is where one begins */
  function fill(state) {
    const { config } = state;
    const node = isNode(state);
    for (const kind of kinds) kind.checked = (kind.value === 'node') === node;
    field('zone').value = config.zone;
    for (const name of [...OF_ZONE, ...NUMBERS]) field(name).value = String(config[/** @type {'seed'} */ (name)]);
    field('cpus').value = String(config.pcp.cpus);
    for (const name of RANGES) field(name).value = rangesText(config[name]);
    field('pcp_high').value = config.pcp.derived ? '' : String(config.pcp.high);
    field('pcp_batch').value = config.pcp.derived ? '' : String(config.pcp.batch);
    field('min_free_kbytes').value = config.min_free_kbytes === null ? '' : String(config.min_free_kbytes);
    field('swap_pages').value = String(config.swap_pages);
    zones.show(!node ? NODES[0][1].zones : state.zones.map((row) => ({ zone: row.zone, mib: row.spanned_pages / PAGES_PER_MIB, start: row.start_pfn })));
  }

  /** @param {{zones: ZoneFields[], fields: Record<string, string>}} node */
  function use(node) {
    zones.show(node.zones);
    for (const [key, value] of Object.entries(node.fields)) field(key).value = value;
  }

  /** The fields of the kind that is chosen. */
  function turn() {
    ofNode.hidden = !whole();
    ofZone.hidden = whole();
    const choices = whole()
      ? NODES.map(([name, node]) => preset(name, () => use(node)))
      : PRESETS.map(([name, values]) => preset(name, () => { for (const [key, value] of Object.entries(values)) field(key).value = value; }));
    presets.replaceChildren(...choices);
  }

  /** @param {string} name @param {() => void} click */
  const preset = (name, click) => make('button', { text: name, attributes: { type: 'button' }, test: `preset-${name.replaceAll(/\W+/g, '-')}`, on: { click } });

  /** @returns {Record<string, unknown>} */
  function fields() {
    const optional = (/** @type {string} */ name) => (field(name).value === '' ? null : Number(field(name).value));
    const shape = Object.fromEntries([...[...NUMBERS, 'cpus'].map((name) => [name, Number(field(name).value)]),
      ...OPTIONAL.map((name) => [name, optional(name)]), ...RANGES.map((name) => [name, rangesOf(field(name).value)])]);
    if (whole()) return { zones: zones.fields(), min_free_kbytes: optional('min_free_kbytes'), swap_pages: Number(field('swap_pages').value), ...shape };
    return { zone: field('zone').value, ...Object.fromEntries(OF_ZONE.map((name) => [name, Number(field(name).value)])), ...shape };
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    clear();
    try {
      const result = await actions.configure(fields());
      if (!result) return;
      dialog.close();
      ui.acted.set(result.op);
    } catch (refusal) {
      refuse(refusalWords(refusal), problemOf(refusal)?.field ?? '');
    }
  });

  /**
   * @param {string} words
   * @param {string} name of the field, as the service has it
   */
  function refuse(words, name) {
    const ofRow = zones.named(name);
    // A row of a list stands for the list.
    const [list] = name.split('[');
    const group = list === 'zones' && !whole() ? name : list;
    const place = form.querySelector(`.error[data-field="${CSS.escape(group)}"]`);
    setText(place instanceof HTMLElement ? place : error, words);
    if (!place) return;
    const input = ofRow ?? (group === 'zones' ? zones.rows[zones.rows.length - 1]?.kind : field(name));
    input?.setAttribute('aria-invalid', 'true');
    input?.focus();
  }

  function clear() {
    for (const place of form.querySelectorAll('.error')) place.textContent = '';
    for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
  }
}

/** @param {readonly [number, number][]} ranges (first PFN, pages) */
const rangesText = (ranges) => ranges.map(([first, pages]) => `${first}+${pages}`).join(', ');

/** What somebody wrote, as the service takes it; what is no number it names. @param {string} text */
const rangesOf = (text) => text.split(/[,\s]+/).filter(Boolean).map((range) => range.split('+').map(Number));
