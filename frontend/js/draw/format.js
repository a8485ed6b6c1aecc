// Numbers as people read them.

/** Narrow and unbreakable. */
const THIN = '\u202f';
const MINUS = '\u2212';
export const PAGES_PER_MIB = 256;

/**
 * 41506 as "41 506", with a thin space that never breaks and a true minus.
 * @param {number} value
 */
export function grouped(value) {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(Math.round(value)).toString();
  const text = digits.replace(/\B(?=(\d{3})+$)/g, THIN);
  return value < 0 && text !== '0' ? MINUS + text : text;
}

/**
 * A number that never stands still, to two digits: 3 123 456 as "3.1 M".
 * @param {number} value
 */
export function rounded(value) {
  if (!Number.isFinite(value)) return '–';
  const [unit, word] = value >= 1e6 ? [1e6, ' M'] : value >= 1e4 ? [1e3, ' k'] : [1, ''];
  const scaled = value / unit;
  return `${scaled < 10 && unit > 1 ? scaled.toFixed(1) : grouped(Number(scaled.toPrecision(2)))}${word}`;
}

/**
 * A number to be heard: ungrouped, so that it is read as one.
 * @param {number} value
 */
export function spoken(value) {
  return grouped(value).replaceAll(THIN, '');
}

/**
 * Pages in the unit the reader chose, without its name.
 * @param {number} pages
 * @param {'pages'|'MiB'} unit
 */
export function quantity(pages, unit) {
  if (unit === 'pages' || !Number.isFinite(pages)) return grouped(pages);
  const mib = Math.abs(pages) / PAGES_PER_MIB;
  const whole = Math.trunc(mib);
  const sign = pages < 0 ? MINUS : '';
  return `${sign}${grouped(whole)}.${Math.floor((mib - whole) * 100).toString().padStart(2, '0')}`;
}

/**
 * @param {number} pages
 * @param {'pages'|'MiB'} unit
 */
export function quantityWithUnit(pages, unit) {
  const word = unit === 'MiB' ? 'MiB' : Math.abs(pages) === 1 ? 'page' : 'pages';
  return `${quantity(pages, unit)} ${word}`;
}

/**
 * A change: "+12", "−3", "" for none.
 * @param {number} pages
 * @param {'pages'|'MiB'} unit
 */
export function change(pages, unit) {
  if (!Number.isFinite(pages) || pages === 0) return '';
  return pages > 0 ? `+${quantity(pages, unit)}` : quantity(pages, unit);
}

/**
 * A zone's size: "256 MiB", "64 GiB", "1 TiB"; in pages where it is no whole MiB.
 * @param {number} pages
 */
export function zoneSize(pages) {
  if (pages % PAGES_PER_MIB) return `${grouped(pages)} pages`;
  let size = pages / PAGES_PER_MIB;
  let unit = 'MiB';
  for (const next of ['GiB', 'TiB']) {
    if (size < 1024 || size % 1024) break;
    size /= 1024;
    unit = next;
  }
  return `${grouped(size)} ${unit}`;
}

/**
 * A 64-bit counter as /proc would print it, where that differs.
 * @param {number} value
 */
export function unsigned(value) {
  return BigInt.asUintN(64, BigInt(Math.round(value))).toString();
}

/**
 * What /proc prints for a count below zero; '' for any other.
 * @param {number} value
 */
export function asProc(value) {
  return value < 0 ? `as /proc prints it: ${unsigned(value)}` : '';
}

/**
 * @param {number} n
 * @param {string} word
 */
export function counted(n, word) {
  return `${grouped(n)} ${word}${n === 1 ? '' : 's'}`;
}
