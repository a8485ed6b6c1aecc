// The address bar: what it says is shown, and what is shown it says, so that a link carries it.

import { preferForNow, prefs } from './state/prefs.js';
import { readPlace, writePlace } from './state/address.js';
import { several } from './state/selection.js';

/**
 * @typedef {import('./state/ui.js').Ui} Ui
 * @typedef {import('./state/lab.js').Lab} Lab
 * @typedef {import('./state/address.js').LinkMoment} LinkMoment
 */

/** Browsers bound how often an address may be written. */
const WRITE_MS = 400;

/**
 * Show what the address asks for, then follow. An unknown block is passed over when the zone is known.
 * @param {Ui} ui
 * @param {Lab} lab
 */
export function mountAddress(ui, lab) {
  const asked = new URLSearchParams(location.search);
  const place = readPlace(asked);
  preferForNow(place.options);
  ui.zone.set(place.zone);
  if (place.blocks.length) ui.selection.set(several(place.blocks, place.blocks[0][0]));
  ui.sight.set(place.sight);
  if (place.inside >= 0) ui.inside.set(place.inside);
  if (place.list) ui.list.set(place.list);
  ui.drawer.set(/** @type {any} */ (place.drawer));

  /** @param {LinkMoment|null} moment */
  const search = (moment) => {
    const { zone, selection, sight, inside, drawer, list } = ui;
    return writePlace(asked, {
      moment, zone: zone.value, blocks: selection.value.ranges, sight: sight.value, inside: inside.value, drawer: drawer.value, list: list.value,
    }, prefs.value);
  };
  let waiting = false;
  const write = () => {
    waiting = false;
    const now = search(lab.stands.value);
    if (now !== location.search) history.replaceState(null, '', `${location.pathname}${now}${location.hash}`);
  };
  const changed = () => {
    if (!waiting) setTimeout(write, WRITE_MS);
    waiting = true;
  };
  for (const atom of [ui.zone, ui.selection, ui.sight, ui.inside, ui.drawer, ui.list, prefs, lab.stands]) atom.watch(changed);
  return {
    /** The moment that the address asked for. */
    moment: place.moment,
    /** The session is called so from now on. @param {string} session */
    call: (session) => {
      if (session === 'default') asked.delete('session');
      else asked.set('session', session);
      changed();
    },
    /** A link to what is on show, wherever the lab stands. */
    link: () => {
      const url = new URL(location.href);
      url.search = search(lab.here);
      url.hash = '';
      return url.href;
    },
  };
}
