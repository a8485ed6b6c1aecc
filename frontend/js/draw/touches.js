// Fingers on the map: two zoom and move it. One finger is left to the page, which scrolls, unless nothing scrolls.

/** @typedef {import('./geometry.js').Pinch} Pinch */

/**
 * @param {HTMLElement} element
 * @param {{oneMoves: () => boolean, boxes: () => boolean, begins: () => void, moves: (from: Pinch, to: Pinch) => void}} does oneMoves: a single finger moves the map too; boxes: it draws a box
 */
export function watchTouches(element, does) {
  /** @type {Pinch|null} */
  let from = null;
  let fingers = 0;
  const options = { capture: true, passive: false };

  /** @param {TouchEvent} event */
  const begin = (event) => {
    // Plotly pans by one finger and keeps the page from scrolling: it must not see any.
    event.stopPropagation();
    fingers = event.touches.length;
    const alone = fingers === 1;
    if (alone && does.boxes()) event.preventDefault();
    from = fingers === 2 || (alone && !does.boxes() && does.oneMoves()) ? pinchOf(element, event.touches) : null;
    if (fingers !== 2) return;
    event.preventDefault();
    does.begins();
  };
  element.addEventListener('touchstart', begin, options);
  element.addEventListener('touchmove', (event) => {
    event.stopPropagation();
    if (!from || event.touches.length !== fingers) return;
    if (event.cancelable) event.preventDefault();
    const to = pinchOf(element, event.touches);
    does.moves(from, to);
    from = to;
  }, options);
  for (const kind of /** @type {const} */ (['touchend', 'touchcancel'])) {
    element.addEventListener(kind, (event) => {
      from = null;
      fingers = event.touches.length;
    }, true);
  }
}

/**
 * @param {HTMLElement} element
 * @param {TouchList} touches
 * @returns {Pinch} from the element's corner
 */
function pinchOf(element, touches) {
  const at = element.getBoundingClientRect();
  const [one, other] = [touches[0], touches[1] ?? touches[0]];
  return {
    x: (one.clientX + other.clientX) / 2 - at.left, y: (one.clientY + other.clientY) / 2 - at.top,
    apart: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)),
  };
}
