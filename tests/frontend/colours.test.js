import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast, rgb } from '../../frontend/js/draw/palette.js';
import { HATCHES } from '../../frontend/js/draw/marks.js';
import { TYPES } from '../../frontend/js/state/vocabulary.js';

const css = readFileSync(new URL('../../frontend/css/tokens.css', import.meta.url), 'utf8');

/**
 * @param {string} name
 * @returns {{light: string, dark: string}}
 */
function token(name) {
  const value = css.match(new RegExp(`${name}: ([^;]+);`))?.[1] ?? assert.fail(`no ${name}`);
  const pair = value.match(/light-dark\((#\w+), (#\w+)\)/);
  return pair ? { light: pair[1], dark: pair[2] } : { light: value, dark: value };
}

for (const light of /** @type {const} */ (['light', 'dark'])) {
  test(`letters can be read on every type's colour, ${light}`, () => {
    for (const type of TYPES) {
      const letter = token(type.name === 'ISOLATE' ? '--mt-isolate-letter' : '--mt-letter')[light];
      const ratio = contrast(rgb(token(type.variable)[light]), rgb(letter));
      assert.ok(ratio >= 4.5, `${type.name}: ${ratio.toFixed(2)}`);
    }
  });

  test(`words can be read on the ground, ${light}`, () => {
    for (const ground of ['--ground', '--raised']) {
      for (const ink of ['--ink', '--muted', '--accent']) {
        const ratio = contrast(rgb(token(ground)[light]), rgb(token(ink)[light]));
        assert.ok(ratio >= 4.5, `${ink} on ${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });
}

test('the ends of contrast are those of the definition', () => {
  assert.equal(contrast([0, 0, 0], [255, 255, 255]).toFixed(1), '21.0');
  assert.equal(contrast([9, 9, 9], [9, 9, 9]), 1);
});

test('types are told apart without colour', () => {
  assert.deepEqual(TYPES.map(({ letter }) => letter).join(''), 'UEMRHCI');
  const others = HATCHES.filter((_, i) => TYPES[i].name !== 'HIGHATOMIC');
  assert.equal(new Set(others).size, others.length);
});
