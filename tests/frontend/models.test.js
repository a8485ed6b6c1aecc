import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshDraft, ModelTable, OWN } from '../../frontend/js/state/models.js';

const words = Array.from({ length: 256 }, (_, bits) => `table ${bits}`);
const cell = (/** @type {Record<string, number>} */ values, why = 'Because.') => ({ values, words: {}, source: 'here', why });
const model = (/** @type {string} */ name, /** @type {string|null} */ parent, /** @type {Record<string, number>} */ values) => ({
  name, title: name, summary: '', aims: [], family: 'all', parent, because: {}, cells: { one: cell({ a: values.a, b: values.b }), two: cell({ t: values.t }) },
});
const choices = [{ label: 'no', words: 'no' }, { label: 'yes', words: 'yes, always' }, { label: 'both', words: 'both' }];
const table = new ModelTable({
  sections: [
    { title: 'First', columns: [{ name: 'a', site: 'f', counter: 'rule', words: 'is a?', choices }, { name: 'b', site: 'f', counter: 'rule', words: 'is b?', choices }] },
    { title: 'Second', columns: [{ name: 't', site: 'g', counter: 'nr_free', words: 'when?', choices: [] }] },
  ],
  tables: { words, labels: words, named: [255, 0], contexts: [] },
  rules: [{ columns: { a: [1, 2], b: [0] }, reason: 'a reads b' }],
  hunks: { h: { changes: { b: 2, t: 170 }, without: { b: 0, t: 255 }, source: 'mail', why: 'Because.' } },
  patch: 'p', name_max: 30,
  models: [model('old', null, { a: 0, b: 0, t: 255 }), model('p', 'old', { a: 0, b: 2, t: 170 }), model('new', 'old', { a: 1, b: 1, t: 0 })],
});

test('a value has words, and a table is one of those with a name', () => {
  assert.equal(table.label('a', 1), 'yes');
  assert.equal(table.words('a', 1), 'yes, always');
  assert.equal(table.words('t', 170), 'table 170');
  assert.deepEqual(table.answers('a'), [0, 1, 2]);
  assert.deepEqual(table.answers('t'), [255, 0]);
  assert.deepEqual(table.whose('t', 255), ['old']);
});

test('what is as the parent has it is no change', () => {
  let draft = table.changed(freshDraft('old'), { a: 1, t: 3 });
  assert.deepEqual(draft.changes, { a: 1, t: 3 });
  draft = table.changed(draft, { a: 0 });
  assert.deepEqual(draft.changes, { t: 3 });
  assert.deepEqual(table.parts(table.valuesOf(OWN, draft), table.valuesOf('old', draft)), ['t']);
});

test('on another kernel the changes stay, and a name that nobody gave follows', () => {
  const draft = table.changed(freshDraft('old'), { a: 1, t: 3 });
  const moved = table.moved(draft, 'new');
  assert.deepEqual(moved, { name: 'new, changed', parent: 'new', changes: { t: 3 } });
  assert.equal(table.moved({ ...draft, name: 'mine' }, 'new').name, 'mine');
});

test('a rule is broken if each of its columns is', () => {
  const values = (/** @type {Record<string, number>} */ changes) => table.valuesOf(OWN, table.changed(freshDraft('old'), changes));
  assert.deepEqual(table.broken(values({})), []);
  assert.equal(table.broken(values({ a: 2 }))[0].reason, 'a reads b');
  assert.deepEqual(table.broken(values({ a: 2, b: 1 })), []);
});

test('a hunk is its columns together, and off it is as the parent has it', () => {
  const on = table.withHunk(freshDraft('new'), 'h', true);
  assert.ok(table.hasHunk(table.valuesOf(OWN, on), 'h'));
  assert.deepEqual(table.withHunk(on, 'h', false).changes, {});
  const off = table.withHunk(freshDraft('p'), 'h', false);
  assert.deepEqual(off.changes, { b: 0, t: 255 });
  assert.deepEqual(table.withHunk(off, 'h', true).changes, {});
});

test('a file says its values in words or in numbers', () => {
  assert.deepEqual(table.draftOf({ name: 'x', parent: 'old', changes: { a: 'both', t: 'table 9', b: 1 } }).changes, { a: 2, t: 9, b: 1 });
});
