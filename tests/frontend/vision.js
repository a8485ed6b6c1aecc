// How colours look with one kind of cone missing, and how far apart two of them look.

/** @typedef {[number, number, number]} Triple */

/**
 * G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A Physiologically-based Model for Simulation of Color Vision
 * Deficiency, IEEE Transactions on Visualization and Computer Graphics 15 (6), 2009; the authors' table of matrices,
 * severity 1.0. They apply to linear RGB.
 */
const MISSING = Object.freeze({
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
});

/** @typedef {keyof typeof MISSING|'all cones'} Vision */
export const VISIONS = /** @type {readonly Vision[]} */ (Object.freeze(['all cones', ...Object.keys(MISSING)]));

/** @param {number} channel 0…255 */
function linear(channel) {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

/**
 * @param {readonly number[]} matrix by rows
 * @param {Triple} vector
 * @returns {Triple}
 */
function times(matrix, [x, y, z]) {
  const row = (/** @type {number} */ i) => matrix[3 * i] * x + matrix[3 * i + 1] * y + matrix[3 * i + 2] * z;
  return [row(0), row(1), row(2)];
}

/**
 * A colour as somebody sees it, in linear RGB.
 * @param {Triple} rgb 0…255
 * @param {Vision} vision
 * @returns {Triple}
 */
export function seen(rgb, vision) {
  const light = /** @type {Triple} */ (rgb.map(linear));
  if (vision === 'all cones') return light;
  return /** @type {Triple} */ (times(MISSING[vision], light).map((share) => Math.min(1, Math.max(0, share))));
}

/** sRGB's primaries in XYZ (IEC 61966-2-1), each row over the white of D65: white is 1, 1, 1. */
const TO_XYZ = Object.freeze([
  0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047,
  0.2126729, 0.7151522, 0.0721750,
  0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883,
]);

/**
 * CIE 1976 L*a*b*.
 * @param {Triple} light linear RGB
 * @returns {Triple}
 */
export function lab(light) {
  const [x, y, z] = times(TO_XYZ, light).map((share) => (share > 216 / 24389 ? Math.cbrt(share) : (share * 24389 / 27 + 16) / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const rad = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;
const root7 = (/** @type {number} */ c) => Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));

/**
 * CIEDE2000 as G. Sharma, W. Wu, E. N. Dalal state it (Color Research and Application 30 (1), 2005), all weights 1.
 * @param {Triple} one L*a*b*
 * @param {Triple} other
 */
export function distance([l1, a1, b1], [l2, a2, b2]) {
  const stretch = 1 + 0.5 * (1 - root7((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2));
  const c1 = Math.hypot(a1 * stretch, b1);
  const c2 = Math.hypot(a2 * stretch, b2);
  const hue = (/** @type {number} */ a, /** @type {number} */ b) => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a) * 180 / Math.PI + 360) % 360);
  const h1 = hue(a1 * stretch, b1);
  const h2 = hue(a2 * stretch, b2);
  const grey = c1 * c2 === 0;
  const far = Math.abs(h2 - h1) > 180;
  const turn = grey ? 0 : !far ? h2 - h1 : h2 > h1 ? h2 - h1 - 360 : h2 - h1 + 360;
  const h = grey ? h1 + h2 : !far ? (h1 + h2) / 2 : h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2;
  const l = (l1 + l2) / 2;
  const c = (c1 + c2) / 2;
  const t = 1 - 0.17 * Math.cos(rad(h - 30)) + 0.24 * Math.cos(rad(2 * h)) + 0.32 * Math.cos(rad(3 * h + 6)) - 0.2 * Math.cos(rad(4 * h - 63));
  const dl = (l2 - l1) / (1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2));
  const dc = (c2 - c1) / (1 + 0.045 * c);
  const dh = (2 * Math.sqrt(c1 * c2) * Math.sin(rad(turn / 2))) / (1 + 0.015 * c * t);
  const twist = -Math.sin(rad(60 * Math.exp(-(((h - 275) / 25) ** 2)))) * 2 * root7(c);
  return Math.sqrt(dl * dl + dc * dc + dh * dh + twist * dc * dh);
}
