// A press on the map, from down to up: a click, or a box that is stretched meanwhile.

import { make } from './dom.js';

/** @typedef {{x: number, y: number}} Point */

/** A press that moves less than this is a click. */
export const CLICK_PX = 4;

export class Presses {
  /**
   * @param {HTMLElement} element
   * @param {(at: Point, event: PointerEvent) => void} click with the event that pressed
   * @param {(from: Point, to: Point) => void} boxed
   */
  constructor(element, click, boxed) {
    this.element = element;
    this.click = click;
    this.boxed = boxed;
    /** Presses so far: two clicks with a drag between them are no double click. */
    this.count = 0;
    this.box = make('div', { class: 'map-box', attributes: { hidden: '' } });
    element.append(this.box);
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
    const swallow = (/** @type {Event} */ mouse) => {
      if (boxes) mouse.stopPropagation();
    };
    // Plotly pans by mouse events; while a box is drawn it must not see them.
    this.element.addEventListener('mousedown', swallow, { capture: true, once: true });
    this.element.addEventListener('touchstart', swallow, { capture: true, once: true });
    window.addEventListener('pointermove', (moved) => {
      if (boxes) this.#stretch(from, this.place(moved));
    }, { signal: stop.signal });
    const end = (/** @type {PointerEvent} */ up) => {
      stop.abort();
      this.element.removeEventListener('mousedown', swallow, true);
      this.element.removeEventListener('touchstart', swallow, true);
      this.box.hidden = true;
      if (up.type === 'pointercancel') return;
      const to = this.place(up);
      if (Math.hypot(to.x - from.x, to.y - from.y) < CLICK_PX) this.click(to, event);
      else if (boxes) this.boxed(from, to);
    };
    window.addEventListener('pointerup', end, { signal: stop.signal });
    window.addEventListener('pointercancel', end, { signal: stop.signal });
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
