// A binary frame to plain typed arrays. docs/PROTOCOL.md section 5 is the layout.
// Typed arrays read the machine's byte order; every machine that runs a browser is little-endian, like the frame.

/** @typedef {import('../types.js').Frame} Frame */

const MAGIC = 0x3146535a;
const VERSION = 1;
const HEADER = 64;
const FLAG = { keyframe: 1, running: 2, stopped: 4, heartbeat: 8 };
const SECTION = { counters: 1, nrFree: 2, lists: 3, cells: 4, changed: 5, identities: 6, pages: 7, pcp: 8, window: 9, node: 10, moment: 11 };
const IDENTITY_BYTES = 32;

/** A frame that is not what the protocol says. */
export class FrameError extends Error {}

/**
 * @param {ArrayBuffer} buffer one whole message.
 * @returns {Frame}
 * @throws {FrameError} not a frame, another version, or a section that reaches past the end.
 */
export function decodeFrame(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) throw new FrameError('not a frame');
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw new FrameError(`frame version ${version}, expected ${VERSION}`);
  const flags = view.getUint16(6, true);
  /** @type {Frame} */
  const frame = {
    keyframe: (flags & FLAG.keyframe) !== 0,
    running: (flags & FLAG.running) !== 0,
    stopped: (flags & FLAG.stopped) !== 0,
    heartbeat: (flags & FLAG.heartbeat) !== 0,
    seq: whole(view, 8),
    baseSeq: whole(view, 16),
    op: whole(view, 24),
    cutMs: view.getFloat64(32, true),
    view: view.getUint32(40, true),
    nrCells: view.getUint32(44, true),
    orders: view.getUint8(48),
    migratetypes: view.getUint8(49),
    blocksPerCell: view.getUint32(52, true),
    firstBlock: view.getUint32(56, true),
    latenessUs: view.getUint32(60, true),
    counters: null, nrFree: null, lists: null, cells: null, changed: null, identities: null, pages: null, pcp: null, window: null, node: null, moment: null,
  };
  let at = HEADER;
  for (let left = view.getUint16(50, true); left > 0; left--) {
    if (at + 8 > buffer.byteLength) throw new FrameError('a section is cut off');
    const kind = view.getUint32(at, true);
    const bytes = view.getUint32(at + 4, true);
    at += 8;
    if (at + bytes > buffer.byteLength) throw new FrameError(`section ${kind} is cut off`);
    readSection(frame, view, kind, at, bytes);
    at += (bytes + 7) & ~7;
  }
  return frame;
}

/**
 * @param {Frame} frame
 * @param {DataView} view
 * @param {number} kind a kind this page does not know is skipped: a later service may send more.
 * @param {number} at
 * @param {number} bytes
 */
function readSection(frame, view, kind, at, bytes) {
  const buffer = /** @type {ArrayBuffer} */ (view.buffer);
  switch (kind) {
    case SECTION.counters:
      frame.counters = signed64(buffer, at, bytes);
      break;
    case SECTION.nrFree:
      frame.nrFree = signed64(buffer, at, bytes);
      break;
    case SECTION.lists:
      frame.lists = new Uint32Array(buffer, at, bytes >> 2);
      break;
    case SECTION.cells:
      frame.cells = new Uint32Array(buffer, at, bytes >> 2);
      break;
    case SECTION.changed: {
      const count = view.getUint32(at, true);
      if (8 + count * 8 > bytes) throw new FrameError('changed cells are cut off');
      frame.changed = {
        index: new Uint32Array(buffer, at + 8, count),
        cell: new Uint32Array(buffer, at + 8 + count * 4, count),
      };
      break;
    }
    case SECTION.identities:
      frame.identities = [];
      for (let i = at; i + IDENTITY_BYTES <= at + bytes; i += IDENTITY_BYTES) {
        frame.identities.push({
          verdict: /** @type {0|1|2|3} */ (view.getUint8(i)),
          order: view.getInt8(i + 1),
          migratetype: view.getInt8(i + 2),
          expected: Number(view.getBigInt64(i + 8, true)),
          got: Number(view.getBigInt64(i + 16, true)),
          firstOp: whole(view, i + 24),
        });
      }
      break;
    case SECTION.pages: {
      const count = view.getUint32(at + 8, true);
      if (16 + count * 2 > bytes) throw new FrameError('pages are cut off');
      frame.pages = {
        firstPfn: whole(view, at),
        state: new Uint8Array(buffer, at + 16, count),
        attributes: new Uint8Array(buffer, at + 16 + count, count),
      };
      break;
    }
    case SECTION.pcp:
      frame.pcp = new Uint32Array(buffer, at, bytes >> 2);
      break;
    case SECTION.window:
      if (bytes < 12) throw new FrameError('the window is cut off');
      frame.window = { width: view.getUint32(at, true), runs: view.getUint32(at + 4, true), stride: view.getUint32(at + 8, true) };
      break;
    case SECTION.node:
      frame.node = nodeIn(buffer, view, at, bytes);
      break;
    case SECTION.moment:
      if (bytes < 40) throw new FrameError('the moment is cut off');
      frame.moment = {
        branch: view.getUint32(at, true), step: view.getUint32(at + 4, true), steps: view.getUint32(at + 8, true),
        whole: view.getUint32(at + 12, true) !== 0, tip: whole(view, at + 16), keptFrom: whole(view, at + 24), firstOp: whole(view, at + 32),
      };
      break;
  }
}

/**
 * The node's numbers, then as many for each zone.
 * @param {ArrayBuffer} buffer
 * @param {DataView} view
 * @param {number} at
 * @param {number} bytes
 * @returns {import('../types.js').FrameNode}
 */
function nodeIn(buffer, view, at, bytes) {
  const zones = bytes < 8 ? 0 : view.getUint32(at, true);
  const numbers = bytes < 8 ? 0 : view.getUint32(at + 4, true);
  const each = zones > 0 ? ((bytes - 8) / 8 - numbers) / zones : -1;
  if (!Number.isInteger(each) || each < 0) throw new FrameError('the node is cut off');
  const all = signed64(buffer, at + 8, bytes - 8);
  return {
    numbers: all.slice(0, numbers),
    zones: Array.from({ length: zones }, (_, i) => all.slice(numbers + i * each, numbers + (i + 1) * each)),
  };
}

/**
 * An unsigned 64-bit number; those that travel here (sequence, operation, PFN) stay far below 2^53.
 * @param {DataView} view
 * @param {number} at
 */
function whole(view, at) {
  return Number(view.getBigUint64(at, true));
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} at
 * @param {number} bytes
 */
function signed64(buffer, at, bytes) {
  return Float64Array.from(new BigInt64Array(buffer, at, bytes >> 3), Number);
}
