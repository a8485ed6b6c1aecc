// Frames as bytes, written from docs/PROTOCOL.md section 5 and from nothing in frontend/.

/**
 * @param {{flags?: number, seq?: number, baseSeq?: number, op?: number, view?: number, cells?: number, blocksPerCell?: number, firstBlock?: number,
 *   sections?: [number, Uint8Array][], version?: number}} about
 * @returns {ArrayBuffer}
 */
export function frame({ flags = 0, seq = 1, baseSeq = 0, op = 0, view = 1, cells = 0, blocksPerCell = 1, firstBlock = 0, sections = [], version = 1 }) {
  const length = sections.reduce((sum, [, bytes]) => sum + 8 + padded(bytes.length), 64);
  const buffer = new ArrayBuffer(length);
  const out = new DataView(buffer);
  out.setUint32(0, 0x3146535a, true);
  out.setUint16(4, version, true);
  out.setUint16(6, flags, true);
  out.setBigUint64(8, BigInt(seq), true);
  out.setBigUint64(16, BigInt(baseSeq), true);
  out.setBigUint64(24, BigInt(op), true);
  out.setFloat64(32, 1_700_000_000_123.5, true);
  out.setUint32(40, view, true);
  out.setUint32(44, cells, true);
  out.setUint8(48, 11);
  out.setUint8(49, 7);
  out.setUint16(50, sections.length, true);
  out.setUint32(52, blocksPerCell, true);
  out.setUint32(56, firstBlock, true);
  out.setUint32(60, 250, true);
  let at = 64;
  for (const [kind, bytes] of sections) {
    out.setUint32(at, kind, true);
    out.setUint32(at + 4, bytes.length, true);
    new Uint8Array(buffer, at + 8, bytes.length).set(bytes);
    at += 8 + padded(bytes.length);
  }
  return buffer;
}

/** @param {number} n */
const padded = (n) => Math.ceil(n / 8) * 8;

/** @param {number[]} values */
export const u32 = (values) => new Uint8Array(Uint32Array.from(values).buffer);

/** @param {number[]} values */
export const i64 = (values) => new Uint8Array(BigInt64Array.from(values, BigInt).buffer);

/**
 * @param {[number, number][]} changes index, cell
 */
export const changed = (changes) => u32([changes.length, 0, ...changes.map(([i]) => i), ...changes.map(([, cell]) => cell)]);

/**
 * @param {{verdict: number, order: number, migratetype: number, expected: number, got: number, firstOp: number}} about
 */
export function identity({ verdict, order, migratetype, expected, got, firstOp }) {
  const bytes = new Uint8Array(32);
  const out = new DataView(bytes.buffer);
  out.setUint8(0, verdict);
  out.setInt8(1, order);
  out.setInt8(2, migratetype);
  out.setBigInt64(8, BigInt(expected), true);
  out.setBigInt64(16, BigInt(got), true);
  out.setBigUint64(24, BigInt(firstOp), true);
  return bytes;
}

/**
 * Four bytes of a cell.
 * @param {number} type
 * @param {number} share
 * @param {number} [flags]
 * @param {number} [more]
 */
export const cell = (type, share, flags = 0, more = 16) => (type | (share << 8) | (flags << 16) | (more << 24)) >>> 0;
