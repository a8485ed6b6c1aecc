// One stop of the Tab key for a group of buttons: arrows, Home and End move inside.

/**
 * @param {HTMLElement} group
 * @param {string} selector of its buttons, which may come and go
 * @param {{moved?: (button: HTMLElement) => void, across?: () => number}} [how] across: buttons in a row, where up and down lead to another
 */
export function roving(group, selector, { moved = () => {}, across } = {}) {
  group.addEventListener('keydown', (event) => {
    const buttons = buttonsOf(group, selector);
    const here = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (here < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = across?.() ?? 1;
    const next = /** @type {Record<string, number>} */ ({
      ArrowRight: here + 1, ArrowDown: here + row, ArrowLeft: here - 1, ArrowUp: here - row, Home: 0, End: buttons.length - 1,
    })[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    // A line of choices is a ring; a field has ends.
    const button = buttons[across ? next : (next + buttons.length) % buttons.length];
    if (!button) return;
    button.focus();
    moved(button);
  });
  group.addEventListener('focusin', (event) => {
    if (event.target instanceof HTMLElement && event.target.matches(selector)) stopAt(group, selector, event.target);
  });
}

/**
 * After buttons came or went: still one stop, and where it was if that is left.
 * @param {HTMLElement} group
 * @param {string} selector
 */
export function keepStop(group, selector) {
  const stops = buttonsOf(group, selector).filter((button) => button.tabIndex === 0);
  if (stops.length !== 1) stopAt(group, selector, stops.find((button) => button === document.activeElement));
}

/**
 * @param {HTMLElement} group
 * @param {string} selector
 * @param {Element|null|undefined} current the button that Tab stops at; the first if there is none
 */
export function stopAt(group, selector, current) {
  const buttons = buttonsOf(group, selector);
  for (const button of buttons) button.tabIndex = button === (current ?? buttons[0]) ? 0 : -1;
}

/** @param {HTMLElement} group @param {string} selector */
function buttonsOf(group, selector) {
  return /** @type {HTMLElement[]} */ ([...group.querySelectorAll(selector)]);
}
