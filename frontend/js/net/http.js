// What travels by HTTP: files in, files out.

import { CommandError } from './socket.js';

export class Http {
  /** @param {string} session address of the session, ending without a slash. */
  constructor(session) {
    this.session = session;
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
