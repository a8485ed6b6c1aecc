// A press on the map, from down to up: a click, or a box that is stretched meanwhile.

import { make } from './dom.js';

/** @typedef {{x: number, y: number}} Point */

/** A press that moves less than this is a click; a finger is not as steady as a mouse. */
export const CLICK_PX = 4;
const TAP_PX = 12;
/** A finger that rests as long as this says more than a tap. */
const HELD_MS = 500;

export class Presses {
  /**
   * @param {HTMLElement} element
   * @param {(at: Point, event: PointerEvent) => void} click with the event that pressed
   * @param {(from: Point, to: Point) => void} boxed
   * @param {(at: Point) => void} held a finger rests
   */
  constructor(element, click, boxed, held) {
    this.element = element;
    this.click = click;
    this.boxed = boxed;
    this.held = held;
    /** @type {AbortController|null} the press that is on */
    this.on = null;
    /** Presses so far: two clicks with a drag between them are no double click. */
    this.count = 0;
    this.box = make('div', { class: 'map-box', attributes: { hidden: '' } });
    element.append(this.box);
    // A long press is ours: no menu of the browser over it.
    element.addEventListener('contextmenu', (event) => {
      if ('pointerType' in event && event.pointerType === 'touch') event.preventDefault();
    });
  }

  /** @param {MouseEvent} event @returns {Point} from the element's corner */
  place(event) {
    const at = this.element.getBoundingClientRect();
    return { x: event.clientX - at.left, y: event.clientY - at.top };
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} boxes whether moving on stretches a box
   */
  follow(event, boxes) {
    const from = this.place(event);
    this.count += 1;
    if (boxes) event.stopPropagation();
    const stop = new AbortController();
    this.on?.abort();
    this.on = stop;
    const finger = event.pointerType === 'touch';
    const slack = finger ? TAP_PX : CLICK_PX;
    const far = (/** @type {Point} */ to) => Math.hypot(to.x - from.x, to.y - from.y) >= slack;
    const rests = finger && !boxes ? setTimeout(() => {
      stop.abort();
      this.held(from);
    }, HELD_MS) : undefined;
    stop.signal.addEventListener('abort', () => clearTimeout(rests));
    const swallow = (/** @type {Event} */ mouse) => {
      if (boxes) mouse.stopPropagation();
    };
    // Plotly pans by mouse events; while a box is drawn it must not see them.
    this.element.addEventListener('mousedown', swallow, { capture: true, once: true });
    window.addEventListener('pointermove', (moved) => {
      if (boxes) this.#stretch(from, this.place(moved));
      else if (far(this.place(moved))) clearTimeout(rests);
    }, { signal: stop.signal });
    const end = (/** @type {PointerEvent} */ up) => {
      stop.abort();
      this.element.removeEventListener('mousedown', swallow, true);
      this.box.hidden = true;
      if (up.type === 'pointercancel') return;
      const to = this.place(up);
      if (!far(to)) this.click(to, event);
      else if (boxes) this.boxed(from, to);
    };
    window.addEventListener('pointerup', end, { signal: stop.signal });
    window.addEventListener('pointercancel', end, { signal: stop.signal });
  }

  /** It was something else: a second finger came. */
  cancel() {
    this.on?.abort();
    this.box.hidden = true;
  }

  /**
   * @param {Point} from
   * @param {Point} to
   */
  #stretch(from, to) {
    this.box.hidden = false;
    Object.assign(this.box.style, {
      left: `${Math.min(from.x, to.x)}px`, top: `${Math.min(from.y, to.y)}px`,
      width: `${Math.abs(to.x - from.x)}px`, height: `${Math.abs(to.y - from.y)}px`,
    });
  }
}
