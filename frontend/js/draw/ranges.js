// Axis ranges that hold still: they grow when they must and shrink only when most of them is empty.

/**
 * The smallest round number that is at least `value`.
 * @param {number} value above 0
 */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) if (value <= step * power * 1.000001) return step * power;
  return 10 * power;
}

/**
 * A range for counts: zero is always in sight, a negative count is seen to go below it.
 * @param {readonly [number, number]|null} before
 * @param {number} least
 * @param {number} most
 * @returns {[number, number]}
 */
export function steadyRange(before, least, most) {
  const top = roundUp(Math.max(1, most * 1.08));
  const bottom = least < 0 ? -roundUp(-least * 1.02) : 0;
  if (!before) return [bottom, top];
  const keepTop = most * 1.02 <= before[1] && top >= before[1] * 0.4;
  const keepBottom = least >= before[0] && bottom <= before[0] * 0.4;
  return [keepBottom ? before[0] : bottom, keepTop ? before[1] : top];
}

/**
 * Places for labels as near to their values as they can be without covering one another.
 * @param {readonly number[]} values ascending
 * @param {number} apart least distance
 * @param {number} bottom
 * @param {number} top
 * @returns {number[]} inside bottom…top as far as there is room
 */
export function spread(values, apart, bottom, top) {
  const places = [...values];
  for (let i = 0; i < places.length; i++) places[i] = Math.max(places[i], i === 0 ? bottom : places[i - 1] + apart);
  for (let i = places.length - 1; i >= 0; i--) places[i] = Math.min(places[i], i === places.length - 1 ? top : places[i + 1] - apart);
  return places;
}
