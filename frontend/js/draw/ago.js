// When something happened, in words that stay true for a while.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * @param {number} then seconds since 1970
 * @param {number} now the same
 */
export function ago(then, now) {
  const passed = Math.max(0, now - then);
  if (passed < MINUTE) return 'just now';
  if (passed < HOUR) return several(Math.floor(passed / MINUTE), 'minute');
  if (passed < DAY) return several(Math.floor(passed / HOUR), 'hour');
  if (passed < 30 * DAY) return several(Math.floor(passed / DAY), 'day');
  return `on ${new Date(then * 1000).toISOString().slice(0, 10)}`;
}

/** @param {number} n @param {string} word */
function several(n, word) {
  return `${n} ${word}${n === 1 ? '' : 's'} ago`;
}
