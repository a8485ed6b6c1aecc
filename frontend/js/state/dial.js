// A number on a slider: even steps where the range is short, even ratios where it is long.

/** @typedef {{least: number, most: number}} Range */

/** Ends so far apart that one half of a plain slider would be of no use. */
const LONG = 1000;
const PLACES = 200;

/** @param {Range} range */
const isLong = ({ least, most }) => least > 0 && most / least >= LONG;

/**
 * The slider's own ends.
 * @param {Range} range
 * @returns {Range}
 */
export function ends(range) {
  return isLong(range) ? { least: 0, most: PLACES } : range;
}

/**
 * @param {Range} range
 * @param {number} value
 * @returns {number} where the slider stands for it
 */
export function placeOf(range, value) {
  if (!isLong(range)) return value;
  return Math.round((PLACES * Math.log(value / range.least)) / Math.log(range.most / range.least));
}

/**
 * @param {Range} range
 * @param {number} place
 * @returns {number} the number the slider stands for: of few digits, so that it can be said
 */
export function valueAt(range, place) {
  if (!isLong(range)) return place;
  const value = range.least * (range.most / range.least) ** (place / PLACES);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.min(range.most, Math.max(range.least, Math.round(value / digit) * digit));
}
