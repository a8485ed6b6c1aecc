// Keys and words.

import { byId, make } from '../draw/dom.js';
import { BLOCK_VERBS } from '../actions.js';
import { drawMark, MARKS } from '../draw/marks.js';
import { drawKindSample, kindsOf } from '../draw/pagekey.js';
import { readPalette } from '../draw/palette.js';
import { AMONG_PAGES, ANYWHERE, IN_A_GROUP, ON_THE_MAP } from '../state/keymap.js';
import { GLOSSARY, IDENTITIES } from '../state/vocabulary.js';

/** The types have their letters in the map's key: one free page stands for all. */
const MARKS_OF_PAGES = /** @type {(readonly [string, string])[]} */ ([
  ['free2', 'free: the letter of its list, and its order'], ...kindsOf(null).filter(([kind]) => !kind.startsWith('free')),
]);

/** @returns {() => void} opens the dialog */
export function mountHelp() {
  const dialog = byId('help-dialog', HTMLDialogElement);
  byId('help-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
  const open = () => {
    if (dialog.open) return;
    drawShapes();
    dialog.showModal();
    // The focus goes to the button at the foot; one reads from the top.
    dialog.scrollTop = 0;
  };
  byId('help-button', HTMLButtonElement).addEventListener('click', open);
  const verbs = BLOCK_VERBS.filter(({ key }) => key).map(({ word, key }) => /** @type {[string, string]} */ ([key, word.toLowerCase()]));
  byId('help-body', HTMLElement).replaceChildren(
    ...section('Anywhere', legend(ANYWHERE)), ...section('On the map', [...legend(ON_THE_MAP), ...verbs]),
    ...section('Among pages', legend(AMONG_PAGES)), ...section('In tabs, choices, tables', legend(IN_A_GROUP)),
    ...section('Marks on a block', MARKS.map(({ shape, words }) => [make('canvas', { data: { shape }, attributes: { 'aria-hidden': 'true' } }), words])),
    ...section('Marks on a page', MARKS_OF_PAGES.map(([kind, words]) => [make('canvas', { data: { kind }, attributes: { 'aria-hidden': 'true' } }), words])),
    ...section('Words', Object.entries(GLOSSARY)), ...section('Identities', Object.entries(IDENTITIES)),
  );
  return open;
}

/** @param {readonly import('../state/keymap.js').Key[]} keys @returns {[string, string][]} */
function legend(keys) {
  return keys.filter(({ shown }) => shown).map(({ shown, words }) => [shown, words]);
}

/**
 * @param {string} title
 * @param {readonly (readonly [string|HTMLElement, string])[]} rows
 */
function section(title, rows) {
  return [make('h3', { text: title }), make('dl', {}, ...rows.flatMap(([term, words]) => [make('dt', {}, term), make('dd', { text: words })]))];
}

/** In the light of now. */
function drawShapes() {
  const palette = readPalette();
  const ratio = window.devicePixelRatio || 1;
  for (const canvas of byId('help-body', HTMLElement).querySelectorAll('canvas')) {
    if (canvas.dataset.kind) {
      drawKindSample(canvas, canvas.dataset.kind, palette);
      continue;
    }
    canvas.width = 18 * ratio;
    canvas.height = 18 * ratio;
    drawMark(/** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')), canvas.dataset.shape ?? '', 4 * ratio, 4 * ratio, 9 * ratio, palette, ratio);
  }
}
