// The socket: hello, commands with their answers, staleness, and coming back after a cut.
// It knows messages, not what they mean for the page.

import { decodeFrame, FrameError } from './decode.js';

/**
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Problem} Problem
 * @typedef {import('../types.js').Phase} Phase
 * @typedef {{done: number, total: number, counts: Record<string, number>}} Progress
 * @typedef {{resolve: (value: any) => void, reject: (why: CommandError) => void, progress?: (p: Progress) => void}} Waiting
 * @typedef {{message: (message: any) => void, frame: (frame: Frame) => void, phase: (phase: Phase, words: string) => void}} Listener
 */

const STALE_MS = 1500;
/** A socket that has said nothing for this long is given up: the other end may be gone without a word. */
const DEAD_MS = 5000;
const TICK_MS = 250;
const BACKOFF_MS = [200, 500, 1000, 2000];

/** A command that was refused; `problem` is the service's own object. */
export class CommandError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail || problem.title);
    /** @type {Problem} */
    this.problem = problem;
  }
}

export class Socket {
  /**
   * @param {string} url
   * @param {Listener} listener
   */
  constructor(url, listener) {
    this.url = url;
    this.listener = listener;
    /** @type {WebSocket|null} */
    this.ws = null;
    /** @type {Map<number, Waiting>} */
    this.waiting = new Map();
    this.nextId = 1;
    this.attempt = 0;
    this.heardAt = performance.now();
    this.greeted = false;
    this.latencyMs = 0;
    /** Smallest apparent latency so far: below zero it is the skew between two machines' clocks. */
    this.skewMs = 0;
    setInterval(() => this.#tick(), TICK_MS);
    this.#open();
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} [fields]
   * @param {(p: Progress) => void} [progress]
   * @param {(id: number) => void} [sent] told the id, for a later cancel.
   * @returns {Promise<any>} the result; rejects with CommandError.
   */
  send(type, fields = {}, progress, sent) {
    const ws = this.ws;
    if (!ws || ws.readyState !== WebSocket.OPEN || !this.greeted) return Promise.reject(cutOff());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress });
      ws.send(JSON.stringify({ id, type, ...fields }));
      sent?.(id);
    });
  }

  #open() {
    this.greeted = false;
    this.heardAt = performance.now();
    const ws = new WebSocket(this.url);
    ws.binaryType = 'arraybuffer';
    this.ws = ws;
    ws.onmessage = (event) => this.#hear(ws, event.data);
    ws.onclose = (event) => this.#lost(ws, event.reason);
  }

  /**
   * @param {WebSocket} ws
   * @param {string|ArrayBuffer} data
   */
  #hear(ws, data) {
    if (ws !== this.ws) return;
    this.heardAt = performance.now();
    if (typeof data !== 'string') {
      this.#hearFrame(data);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === 'hello') {
      this.greeted = true;
      this.attempt = 0;
      this.skewMs = 0;
    }
    if (this.#settle(message)) return;
    this.listener.message(message);
    if (message.type === 'hello') this.listener.phase('live', 'live');
  }

  /** @param {ArrayBuffer} data */
  #hearFrame(data) {
    try {
      const frame = decodeFrame(data);
      const apparent = Date.now() - frame.cutMs;
      this.skewMs = Math.min(this.skewMs, apparent);
      this.latencyMs = Math.max(0, apparent - this.skewMs);
      this.listener.frame(frame);
      this.listener.phase('live', `live ${Math.round(this.latencyMs)} ms`);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.listener.phase('stale', `unreadable frame: ${error.message}`);
    }
  }

  /**
   * @param {any} message
   * @returns {boolean} whether it answered a command of ours.
   */
  #settle(message) {
    const waiting = message.id == null ? undefined : this.waiting.get(message.id);
    if (!waiting) return false;
    if (message.type === 'progress') {
      waiting.progress?.(message);
      return true;
    }
    if (message.type !== 'result' && message.type !== 'error') return false;
    this.waiting.delete(message.id);
    if (message.type === 'result') waiting.resolve(message);
    else waiting.reject(new CommandError(message));
    return true;
  }

  /**
   * @param {WebSocket} ws
   * @param {string} reason
   */
  #lost(ws, reason) {
    if (ws !== this.ws) return;
    this.ws = null;
    this.greeted = false;
    for (const waiting of this.waiting.values()) waiting.reject(cutOff());
    this.waiting.clear();
    const wait = BACKOFF_MS[Math.min(this.attempt, BACKOFF_MS.length - 1)];
    this.attempt += 1;
    this.listener.phase('disconnected', reason ? `cut off: ${reason}` : 'cut off, reconnecting');
    setTimeout(() => this.#open(), wait);
  }

  #tick() {
    const ws = this.ws;
    if (!ws) return;
    const silent = performance.now() - this.heardAt;
    if (silent > DEAD_MS) {
      ws.onclose = null;
      ws.close();
      this.#lost(ws, 'no word from the service');
    } else if (silent > STALE_MS && this.greeted) {
      this.listener.phase('stale', `stale ${(silent / 1000).toFixed(1)} s`);
    }
  }
}

function cutOff() {
  return new CommandError({
    id: null, code: 'disconnected', status: 0, title: 'Not connected',
    detail: 'The connection is cut; nothing was sent. Try again when the page says live.',
  });
}
