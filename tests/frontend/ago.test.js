import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago } from '../../frontend/js/draw/ago.js';

test('when it was, in words', () => {
  const now = Date.UTC(2026, 5, 15) / 1000;
  /** @type {[number, string][]} */
  const cases = [
    [-5, 'just now'], [59, 'just now'], [60, '1 minute ago'], [3599, '59 minutes ago'], [3600, '1 hour ago'],
    [86_399, '23 hours ago'], [86_400, '1 day ago'], [10 * 86_400, '10 days ago'], [31 * 86_400, 'on 2026-05-15'],
  ];
  for (const [passed, words] of cases) assert.equal(ago(now - passed, now), words);
});
