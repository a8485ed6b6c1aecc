// The address bar: what it says is shown, and what is shown it says, so that a link carries it.

import { preferForNow, prefs } from './state/prefs.js';
import { readPlace, writePlace } from './state/address.js';
import { several } from './state/selection.js';

/** @typedef {import('./state/ui.js').Ui} Ui */

/** Browsers bound how often an address may be written. */
const WRITE_MS = 400;

/**
 * Show what the address asks for, then follow. An unknown block is passed over when the zone is known.
 * @param {Ui} ui
 */
export function mountAddress(ui) {
  const asked = new URLSearchParams(location.search);
  const place = readPlace(asked);
  preferForNow(place.options);
  ui.zone.set(place.zone);
  if (place.blocks.length) ui.selection.set(several(place.blocks, place.blocks[0][0]));
  ui.sight.set(place.sight);
  if (place.inside >= 0) ui.inside.set(place.inside);
  if (place.list) ui.list.set(place.list);
  ui.drawer.set(/** @type {any} */ (place.drawer));

  let waiting = false;
  const write = () => {
    waiting = false;
    const { zone, selection, sight, inside, drawer, list } = ui;
    const search = writePlace(asked, {
      zone: zone.value, blocks: selection.value.ranges, sight: sight.value, inside: inside.value, drawer: drawer.value, list: list.value,
    }, prefs.value);
    if (search !== location.search) history.replaceState(null, '', `${location.pathname}${search}${location.hash}`);
  };
  const changed = () => {
    if (!waiting) setTimeout(write, WRITE_MS);
    waiting = true;
  };
  for (const atom of [ui.zone, ui.selection, ui.sight, ui.inside, ui.drawer, ui.list, prefs]) atom.watch(changed);
}
