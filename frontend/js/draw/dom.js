// The few things that every view does to the document.

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new (...a: any[]) => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {{text?: string, class?: string, title?: string, test?: string, data?: Record<string, string>,
 *   attributes?: Record<string, string>, on?: Record<string, (event: any) => void>}} [about]
 * @param {(Node|string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, about = {}, ...children) {
  const element = document.createElement(tag);
  if (about.class) element.className = about.class;
  if (about.text !== undefined) element.textContent = about.text;
  if (about.title) element.title = about.title;
  if (about.test) element.dataset.testid = about.test;
  for (const [name, value] of Object.entries(about.data ?? {})) element.dataset[name] = value;
  for (const [name, value] of Object.entries(about.attributes ?? {})) element.setAttribute(name, value);
  for (const [name, listener] of Object.entries(about.on ?? {})) element.addEventListener(name, listener);
  element.append(...children);
  return element;
}

/**
 * Write only what differs: no layout for a number that stayed.
 * @param {HTMLElement} element
 * @param {string} text
 * @returns {boolean} whether it changed
 */
export function setText(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

/**
 * An explanation under pointer and focus alike; '' takes it away.
 * @param {HTMLElement} element
 * @param {string} words
 */
export function setTip(element, words) {
  if ((element.dataset.tip ?? '') === words) return;
  for (const name of ['data-tip', 'aria-description']) {
    if (words) element.setAttribute(name, words);
    else element.removeAttribute(name);
  }
  if (words) element.tabIndex = 0;
  else element.removeAttribute('tabindex');
}

/**
 * Whether keys pressed there are the reader's typing. Nobody types in a field that is out of sight.
 * @param {EventTarget|null} target
 */
export function isTyping(target) {
  return target instanceof HTMLElement && target.checkVisibility()
    && (target.isContentEditable || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
      || (target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'radio'));
}

/**
 * A menu opens under its button and stays in sight.
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
export function placeUnder(menu, button) {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - size.width - 8));
  const below = at.bottom + 4;
  const fits = below + size.height <= document.documentElement.clientHeight - 8;
  menu.style.left = `${left}px`;
  menu.style.top = `${fits ? below : Math.max(8, document.documentElement.clientHeight - size.height - 8)}px`;
}
