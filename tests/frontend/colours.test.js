import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast, dimmed, mixed, rgb } from '../../frontend/js/draw/palette.js';
import { HATCHES } from '../../frontend/js/draw/marks.js';
import { TYPES } from '../../frontend/js/state/vocabulary.js';
import { distance, lab, seen, VISIONS } from './vision.js';

const css = readFileSync(new URL('../../frontend/css/tokens.css', import.meta.url), 'utf8');
const [base, inContrast] = css.split(':root[data-theme="contrast"]');

const THEMES = /** @type {const} */ (['light', 'dark', 'contrast']);
/** @typedef {typeof THEMES[number]} Theme */

/** CIEDE2000 from which two colours are told apart at a glance, side by side or not. */
const APART = 10;
/** CIEDE2000 from which a hatch is seen on its ground. */
const VISIBLE = 5;
const READABLE = 4.5;
const TEXTS = ['--ink', '--muted', '--accent'];
const GROUNDS = ['--ground', '--raised'];

/**
 * High contrast is dark but for what it says itself.
 * @param {string} name
 * @param {Theme} theme
 * @returns {string} #rrggbb, or #rrggbbaa
 */
function token(name, theme) {
  const find = (/** @type {string} */ part) => part.match(new RegExp(`${name}: ([^;]+);`))?.[1];
  const value = (theme === 'contrast' ? find(inContrast) : undefined) ?? find(base) ?? assert.fail(`no ${name}`);
  const pair = value.match(/light-dark\((#\w+), (#\w+)\)/);
  const hex = pair ? pair[theme === 'light' ? 1 : 2] : value;
  return /^#\w{6}(\w\w)?$/.test(hex) ? hex : assert.fail(`${name} is ${hex}`);
}

const colour = (/** @type {string} */ name, /** @type {Theme} */ theme) => rgb(token(name, theme));

/** @param {string} type its name @param {Theme} theme */
const letterOf = (type, theme) => colour(type === 'ISOLATE' ? '--mt-isolate-letter' : '--mt-letter', theme);

/** Every two that one zone can have: RESERVE went out of the kernel when HIGHATOMIC came in (4.4). */
const PAIRS = TYPES.flatMap((one, i) => TYPES.slice(i + 1).map((other) => /** @type {const} */ ([one, other])))
  .filter(([one, other]) => !(one.name === 'RESERVE' && other.name === 'HIGHATOMIC'));

/**
 * @param {import('./vision.js').Triple} one
 * @param {import('./vision.js').Triple} other
 * @param {import('./vision.js').Vision} vision
 */
const apart = (one, other, vision) => distance(lab(seen(one, vision)), lab(seen(other, vision)));

for (const theme of THEMES) {
  test(`letters can be read on every type's colour, ${theme}`, () => {
    for (const type of TYPES) {
      const ratio = contrast(colour(type.variable, theme), letterOf(type.name, theme));
      assert.ok(ratio >= READABLE, `${type.name}: ${ratio.toFixed(2)}`);
    }
  });

  test(`words can be read on the ground, ${theme}`, () => {
    for (const ground of GROUNDS) {
      for (const ink of TEXTS) {
        const ratio = contrast(colour(ground, theme), colour(ink, theme));
        assert.ok(ratio >= READABLE, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });

  for (const vision of VISIONS) {
    test(`free blocks of two types are told apart by colour, ${theme}, ${vision}`, () => {
      for (const [one, other] of PAIRS) {
        const far = apart(colour(one.variable, theme), colour(other.variable, theme), vision);
        assert.ok(far >= APART, `${one.name} and ${other.name}: ${far.toFixed(1)}`);
      }
    });

    test(`full beside free, where colour does not tell two types apart hatch and letter do, ${theme}, ${vision}`, () => {
      const neutral = colour('--neutral', theme);
      const looks = (/** @type {{variable: string}} */ { variable }) => [colour(variable, theme), dimmed(colour(variable, theme), neutral)];
      for (const [one, other] of PAIRS) {
        const nearest = Math.min(...looks(one).flatMap((a) => looks(other).map((b) => apart(a, b, vision))));
        if (nearest >= APART) continue;
        assert.notEqual(one.letter, other.letter);
        assert.notEqual(HATCHES[TYPES.indexOf(one)], HATCHES[TYPES.indexOf(other)], `${one.name} and ${other.name} are ${nearest.toFixed(1)} apart`);
      }
    });

    test(`a hatch is seen on its colour, free and full, ${theme}, ${vision}`, () => {
      const neutral = colour('--neutral', theme);
      TYPES.forEach((type, i) => {
        if (HATCHES[i] === '') return;
        const hatch = token(type.name === 'ISOLATE' ? '--hatch-isolate' : '--hatch', theme);
        const share = hatch.length === 9 ? parseInt(hatch.slice(7), 16) / 255 : 1;
        for (const ground of [colour(type.variable, theme), dimmed(colour(type.variable, theme), neutral)]) {
          const far = apart(ground, mixed(rgb(hatch), ground, share), vision);
          assert.ok(far >= VISIBLE, `${type.name}: ${far.toFixed(1)}`);
        }
      });
    });
  }
}

test('the ends of contrast are those of the definition', () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]).toFixed(1), '21.0');
  assert.equal(contrast([9, 9, 9], [9, 9, 9]), 1);
});

test('colour distance gives the published values of its authors', () => {
  /** @type {[import('./vision.js').Triple, import('./vision.js').Triple, string][]} */
  const published = [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], '2.0425'],
    [[50, 2.5, 0], [73, 25, -18], '27.1492'],
    [[50, 2.5, 0], [50, 3.2592, 0.335], '1.0000'],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], '1.2644'],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], '0.9082'],
  ];
  for (const [one, other, expected] of published) assert.equal(distance(one, other).toFixed(4), expected);
});

test('whoever lacks a cone sees greys as they are, and confuses what they must', () => {
  for (const vision of VISIONS) {
    seen([119, 119, 119], vision).forEach((share) => assert.ok(Math.abs(share - seen([119, 119, 119], 'all cones')[0]) < 1e-5));
  }
  const red = /** @type {import('./vision.js').Triple} */ ([190, 60, 60]);
  const green = /** @type {import('./vision.js').Triple} */ ([106, 106, 62]);
  assert.ok(apart(red, green, 'deuteranopia') < apart(red, green, 'all cones') / 3);
  assert.ok(apart(red, green, 'tritanopia') > apart(red, green, 'all cones') / 2);
});

test('types are told apart without colour', () => {
  assert.deepEqual(TYPES.map(({ letter }) => letter).join(''), 'UEMRHCI');
  const others = HATCHES.filter((_, i) => TYPES[i].name !== 'HIGHATOMIC');
  assert.equal(new Set(others).size, others.length);
});
