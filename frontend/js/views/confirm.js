// One question before something that concerns others.

import { byId, setText } from '../draw/dom.js';

/**
 * @param {{title: string, text: string, yes: string}} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, yes }) {
  const dialog = byId('confirm-dialog', HTMLDialogElement);
  setText(byId('confirm-title', HTMLElement), title);
  setText(byId('confirm-text', HTMLElement), text);
  const go = byId('confirm-yes', HTMLButtonElement);
  const leave = byId('confirm-no', HTMLButtonElement);
  setText(go, yes);
  return new Promise((resolve) => {
    go.onclick = () => dialog.close('yes');
    leave.onclick = () => dialog.close('no');
    // The event comes late: it may still be that of the question before.
    dialog.onclose = () => dialog.open || resolve(dialog.returnValue === 'yes');
    dialog.returnValue = 'no';
    dialog.showModal();
    leave.focus();
  });
}
