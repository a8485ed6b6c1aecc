// One stop of the Tab key for a group of buttons: arrows, Home and End move inside.

/**
 * @param {HTMLElement} group
 * @param {string} selector of its buttons, which may come and go
 * @param {(button: HTMLElement) => void} [moved]
 */
export function roving(group, selector, moved = () => {}) {
  group.addEventListener('keydown', (event) => {
    const buttons = buttonsOf(group, selector);
    const here = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (here < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = /** @type {Record<string, number>} */ ({
      ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: buttons.length - 1,
    })[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const button = buttons[(next + buttons.length) % buttons.length];
    button.focus();
    moved(button);
  });
  group.addEventListener('focusin', (event) => {
    if (event.target instanceof HTMLElement && event.target.matches(selector)) stopAt(group, selector, event.target);
  });
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
