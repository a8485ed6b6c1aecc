// What travels by HTTP: files in, files out.

import { CommandError } from './socket.js';

export class Http {
  /** @param {string} session address of the session, ending without a slash. */
  constructor(session) {
    /** It has another one once it is kept under a name. */
    this.session = session;
  }

  /** The session as one file. */
  fileUrl() {
    return `${this.session}/exports/session`;
  }

  /** Sessions that are kept. @returns {Promise<{kept: import('../types.js').KeptRow[], off: string|null}>} */
  async kept() {
    return answer(await fetch(new URL('../kept', this.session)));
  }

  /** @param {string} name @param {string} to what the copy is called */
  async copyKept(name, to) {
    const body = JSON.stringify({ to });
    return answer(await fetch(this.#keptUrl(`${encodeURIComponent(name)}/copy`), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }));
  }

  /** @param {string} name */
  async deleteKept(name) {
    return answer(await fetch(this.#keptUrl(encodeURIComponent(name)), { method: 'DELETE' }));
  }

  /** Why there is no such session to be had. @returns {Promise<string|null>} null: there is */
  async obstacle() {
    try {
      await answer(await fetch(this.session));
      return null;
    } catch (error) {
      return error instanceof CommandError ? error.message : null;
    }
  }

  /** @param {string} rest */
  #keptUrl(rest) {
    return new URL(`../kept/${rest}`, this.session);
  }

  /** @param {'pagetypeinfo'|'buddyinfo'} format */
  exportUrl(format) {
    return `${this.session}/exports/${format}`;
  }

  /** @param {string} name of a saved model */
  modelUrl(name) {
    return `${this.session}/exports/model?name=${encodeURIComponent(name)}`;
  }

  /** The model table. @returns {Promise<any>} */
  async models() {
    return answer(await fetch(new URL('../models', this.session)));
  }

  /**
   * @param {File[]} files
   * @param {boolean} confirm replace the zone although another driver is connected.
   * @returns {Promise<any>} what the service read; rejects with CommandError.
   */
  async importFiles(files, confirm) {
    const form = new FormData();
    for (const file of files) form.append('files', file, file.name);
    if (confirm) form.append('confirm', 'true');
    return answer(await fetch(`${this.session}/imports`, { method: 'POST', body: form }));
  }
}

/** @param {Response} response */
async function answer(response) {
  const text = await response.text();
  const body = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
  if (response.ok) return body;
  throw new CommandError({
    id: null, code: 'internal', status: response.status, title: response.statusText,
    detail: `The service answered ${response.status} ${response.statusText}.`, ...body,
  });
}
