// The zones of a node as rows of fields: kind, size, and where it begins if that is to be said.

import { make } from './dom.js';

/**
 * @typedef {{zone: string, mib: number|string, start: number|string}} ZoneFields
 * @typedef {{row: HTMLElement, kind: HTMLSelectElement, mib: HTMLInputElement, start: HTMLInputElement}} Row
 */

/** As the kernel orders them. */
export const KINDS = Object.freeze(['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable']);
export const MOST_ZONES = 4;

export class ZoneRows {
  /**
   * @param {HTMLElement} place
   * @param {() => void} changed rows came or went
   */
  constructor(place, changed) {
    this.place = place;
    this.changed = changed;
    /** @type {Row[]} */
    this.rows = [];
  }

  /** @param {readonly ZoneFields[]} zones */
  show(zones) {
    this.rows = [];
    for (const zone of zones) this.add(zone);
  }

  /** @param {ZoneFields} fields */
  add({ zone, mib, start }) {
    const kind = make('select', { attributes: { 'aria-label': 'Kind' }, test: 'zone-kind' }, ...KINDS.map((name) => make('option', { text: name, attributes: { value: name } })));
    const size = make('input', { test: 'zone-mib', attributes: { type: 'number', min: '1', inputmode: 'numeric', 'aria-label': 'Size in MiB' } });
    const begin = make('input', { test: 'zone-start', attributes: { type: 'number', min: '0', inputmode: 'numeric', placeholder: 'next', 'aria-label': 'Start PFN; empty: where the zone below ends' } });
    kind.value = zone;
    size.value = String(mib);
    begin.value = String(start);
    const row = make('div', { class: 'zone-row', test: 'zone-row' }, kind, size, make('span', { text: 'MiB from PFN' }), begin);
    const remove = make('button', { text: 'Remove', test: 'zone-remove', attributes: { type: 'button' }, on: { click: () => this.#remove(row) } });
    row.append(remove);
    this.rows.push({ row, kind, mib: size, start: begin });
    this.place.replaceChildren(...this.rows.map((one) => one.row));
    this.changed();
  }

  /** @param {HTMLElement} gone */
  #remove(gone) {
    const at = this.rows.findIndex(({ row }) => row === gone);
    this.rows.splice(at, 1);
    gone.remove();
    this.changed();
    this.rows[Math.min(at, this.rows.length - 1)]?.kind.focus();
  }

  /** A zone above the highest, of the next kind. */
  more() {
    const last = this.rows[this.rows.length - 1]?.kind.value ?? '';
    this.add({ zone: KINDS[Math.min(KINDS.length - 1, KINDS.indexOf(last) + 1)], mib: 16, start: '' });
    this.rows[this.rows.length - 1].kind.focus();
  }

  /** As `configure` takes them. @returns {Record<string, unknown>[]} */
  fields() {
    return this.rows.map(({ kind, mib, start }) => ({
      zone: kind.value, spanned_mib: Number(mib.value), ...(start.value === '' ? {} : { start_pfn: Number(start.value) }),
    }));
  }

  /**
   * The field that a refusal names.
   * @param {string} field as "zones[1].spanned_mib"
   * @returns {HTMLElement|null}
   */
  named(field) {
    const found = /^zones\[(\d+)\](?:\.(\w+))?/.exec(field);
    const row = found ? this.rows[Number(found[1])] : undefined;
    if (!row) return null;
    return found?.[2] === 'start_pfn' ? row.start : found?.[2] === 'zone' ? row.kind : row.mib;
  }
}
