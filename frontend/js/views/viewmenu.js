// The reader's choices: units, light, size of type, keys.

import { byId, placeUnder } from '../draw/dom.js';
import { prefer, prefs } from '../state/prefs.js';

/** @param {() => void} relit colours or sizes changed */
export function mountViewMenu(relit) {
  const menu = byId('view-menu', HTMLElement);
  const keys = byId('keys-on', HTMLInputElement);
  menu.addEventListener('change', (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    prefer(input === keys ? { keys: keys.checked } : { [input.name]: input.value });
  });
  const projector = matchMedia('(min-width: 1200px) and (max-width: 1300px) and (max-height: 800px)');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const { theme, size, unit } = prefs.value;
    const root = document.documentElement;
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    root.dataset.size = size === 'large' || (size === 'auto' && projector.matches) ? 'large' : 'normal';
    for (const [name, value] of Object.entries({ theme, size, unit })) {
      const input = menu.querySelector(`input[name="${name}"][value="${value}"]`);
      if (input instanceof HTMLInputElement) input.checked = true;
    }
    keys.checked = prefs.value.keys;
    relit();
  };
  prefs.watch(apply);
  projector.addEventListener('change', apply);
  dark.addEventListener('change', apply);
}

/** Each menu opens under the button that opened it. */
export function mountMenus() {
  for (const menu of document.querySelectorAll('[popover]')) {
    if (!(menu instanceof HTMLElement)) continue;
    const button = () => document.querySelector(`[popovertarget="${menu.id}"]`);
    const place = () => {
      const opener = button();
      if (opener instanceof HTMLElement) placeUnder(menu, opener);
    };
    menu.addEventListener('toggle', (event) => {
      const open = /** @type {ToggleEvent} */ (event).newState === 'open';
      button()?.setAttribute('aria-expanded', String(open));
      if (open) place();
    });
    // A refusal inside makes it taller: it stays in the window.
    new ResizeObserver(() => menu.matches(':popover-open') && place()).observe(menu);
  }
}
