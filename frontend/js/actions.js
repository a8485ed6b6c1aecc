// What a person can want, by name. Intent goes out here and nowhere else; each verb gives a promise of its answer.

/**
 * @typedef {import('./types.js').CommandResult} CommandResult
 * @typedef {import('./types.js').Preview} Preview
 * @typedef {import('./types.js').Steps} Steps
 * @typedef {import('./types.js').Problem} Problem
 * @typedef {(number|[number, number])[]} Blocks
 * @typedef {(p: {done: number, total: number, counts: Record<string, number>}) => void} OnProgress
 * @typedef {(type: string, fields?: Record<string, unknown>, progress?: OnProgress, sent?: (id: number) => void) => Promise<any>} Send
 * @typedef {(question: {title: string, text: string, yes: string}) => Promise<boolean>} Ask
 * @typedef {{importFiles: (files: File[], confirm: boolean) => Promise<any>}} Files
 * @typedef {ReturnType<typeof createActions>} Actions
 */

/** The verbs that take blocks, with the word on the button and its key on a focused block. */
export const BLOCK_VERBS = Object.freeze([
  { verb: 'isolate', word: 'Isolate', key: 'i' },
  { verb: 'unisolate', word: 'Un-isolate', key: 'u' },
  { verb: 'free', word: 'Free', key: 'f' },
  { verb: 'fill', word: 'Fill', key: 'l' },
  { verb: 'offline', word: 'Offline', key: 'x' },
  { verb: 'online', word: 'Online', key: 'n' },
  { verb: 'pin', word: 'Pin', key: '' },
  { verb: 'unpin', word: 'Unpin', key: '' },
]);

/**
 * @param {Send} send
 * @param {Files} files
 * @param {Ask} ask
 * @param {() => number} others drivers connected besides this page
 */
export function createActions(send, files, ask, others) {
  /**
   * @param {number} n drivers besides this one
   * @param {string} yes
   */
  const askAbout = (n, yes) => ask({
    title: 'Somebody else is connected',
    text: `${n === 1 ? 'One more driver is' : `${n} more drivers are`} connected. ${n === 1 ? 'They see' : 'They all see'} this zone go, and are told so.`,
    yes,
  });

  /**
   * Something that takes the zone away from others asks first if there are others.
   * @template T
   * @param {(confirm: boolean) => Promise<T>} attempt
   * @param {string} yes
   * @returns {Promise<T|null>} null: the person left it
   */
  async function confirmed(attempt, yes) {
    try {
      return await attempt(false);
    } catch (error) {
      const problem = problemOf(error);
      if (problem?.code !== 'confirm') throw error;
      return (await askAbout(problem.others ?? 1, yes)) ? attempt(true) : null;
    }
  }

  /**
   * @param {string} type
   * @param {Record<string, unknown>} fields
   * @param {string} yes
   * @returns {Promise<CommandResult|null>}
   */
  const replacing = (type, fields, yes) =>
    confirmed((confirm) => send(type, confirm ? { ...fields, confirm } : fields), yes);

  return {
    run: () => send('run'),
    pause: () => send('pause'),
    /** @param {number} n operations @returns {Promise<CommandResult>} */
    step: (n) => send('step', { n }),
    /** @param {number} op @param {number|null} [step] writes of it that are done; null: all @param {number|null} [branch] null: this one */
    seek: (op, step = null, branch = null) => send('seek', { op, ...(step === null ? {} : { step }), ...(branch === null ? {} : { branch }) }),
    /** From now on. @param {string} name */
    keep: (name) => send('keep', { name }),
    /** At this moment. @param {string} text */
    note: (text) => send('note', { text }),
    /** @param {number} note */
    deleteNote: (note) => send('delete_note', { note }),
    /** @param {'operation'|'step'} grain */
    back: (grain) => send('back', { grain }),
    /** @param {'operation'|'step'} grain */
    forward: (grain) => send('forward', { grain }),
    /**
     * To where a predicate comes true.
     * @param {{predicate: string, back: boolean, grain: 'operation'|'step', zone: string|null}} fields
     * @param {(id: number) => void} sent
     */
    runTo: (fields, sent) => send('run_to', fields, undefined, sent),
    /** @param {string} predicate @param {string|null} zone @returns {Promise<{holds: boolean, values: import('./types.js').PredicateValue[]}>} */
    predicate: (predicate, zone) => send('predicate', { predicate, zone }),
    /** @returns {Promise<CommandResult>} */
    undo: () => send('undo'),
    /** @returns {Promise<CommandResult>} */
    redo: () => send('redo'),
    /** A branch from here on. */
    fork: () => send('fork'),
    /** @param {number} branch */
    switchTo: (branch) => send('switch', { branch }),
    /** @param {number} branch @param {string} name */
    renameBranch: (branch, name) => send('rename_branch', { branch, name }),
    /** @param {number} branch */
    deleteBranch: (branch) => send('delete_branch', { branch }),
    /** @param {number|null} opsPerSecond null: as fast as it goes */
    rate: (opsPerSecond) => send('rate', { ops_per_second: opsPerSecond }),
    /** @param {Record<string, unknown>} fields name, its numbers, mix */
    workload: (fields) => send('workload', fields),
    reset: () => replacing('reset', {}, 'Boot again'),
    /** @param {Record<string, unknown>} fields */
    configure: (fields) => replacing('configure', fields, 'Boot it'),
    /** @param {Record<string, unknown>} fields model, or name, parent and changes; again */
    model: (fields) => replacing('model', fields, 'Change the model'),
    /** @param {import('./types.js').Draft} draft */
    saveModel: ({ name, parent, changes }) => send('save_model', { name, parent, changes }),
    /** @param {string} name */
    deleteModel: (name) => send('delete_model', { name }),
    /** A file of /proc would replace the zone: that has its own button. @param {File} file */
    importModel: async (file) => {
      if (!(await file.text()).trimStart().startsWith('{')) throw new Error(`${file.name} is no model: expected JSON.`);
      return files.importFiles([file], false);
    },
    /** @param {{scenario: string, geometry?: string}} which */
    demonstrate: (which) => replacing('demonstrate', which, 'Begin it'),
    endDemonstration: () => send('end_demonstration'),
    /** @param {{node: number, zone: string}} which */
    importZone: (which) => replacing('import_zone', which, 'Show that zone'),
    /**
     * Files go by HTTP, where the service cannot tell this page's own connection from another's: the page counts.
     * @param {File[]} chosen
     */
    importFiles: async (chosen) => {
      const n = others();
      return n === 0 || (await askAbout(n, 'Import')) ? files.importFiles(chosen, true) : null;
    },

    /** @param {Record<string, unknown>} fields order, migratetype, count, lru, atomic; of a node zone, anon, owner @returns {Promise<CommandResult>} */
    alloc: (fields) => send('alloc', fields),
    drain: () => send('drain'),
    /** @returns {Promise<CommandResult>} */
    kswapdStep: () => send('kswapd_step'),
    /** @param {number} cpu whose pcp lists are used from here on */
    runOn: (cpu) => send('run_on', { cpu }),
    /** @returns {Promise<CommandResult>} */
    oomKill: () => send('oom_kill'),
    /** @param {number} kbytes @returns {Promise<CommandResult>} */
    minFreeKbytes: (kbytes) => send('min_free_kbytes', { kbytes }),
    /**
     * A verb on blocks.
     * @param {string} verb
     * @param {Blocks} blocks
     * @param {Record<string, unknown>} fields
     * @param {OnProgress} progress
     * @param {(id: number) => void} sent
     * @returns {Promise<CommandResult>}
     */
    onBlocks: (verb, blocks, fields, progress, sent) => send(verb, { blocks, ...fields }, progress, sent),
    /** A verb on the chunk that begins at a page. @param {string} verb @param {number} pfn @returns {Promise<CommandResult>} */
    onChunk: (verb, pfn) => send(verb, { pfns: [pfn] }),
    /** @param {number} target id of the command to stop */
    cancel: (target) => send('cancel', { target }),

    /** @param {Blocks} blocks @returns {Promise<Preview>} */
    preview: (blocks) => send('preview', { blocks }),
    /** @param {Record<string, unknown>} fields order, migratetype, zone, atomic @returns {Promise<import('./types.js').Would>} */
    would: (fields) => send('would', fields),
    /** @param {Record<string, unknown>} fields @returns {Promise<{pfns: number[], orders?: number[], total: number, op: number}>} */
    list: (fields) => send('list', fields),
    /** @param {number} last how many operations @returns {Promise<Steps>} */
    steps: (last) => send('steps', { last }),
    /** @param {number} op @returns {Promise<Steps>} */
    stepsOf: (op) => send('steps', { op }),
    /** @param {Record<string, unknown>} fields what is asked about; before, most @returns {Promise<import('./types.js').Changes>} */
    changes: (fields) => send('changes', fields),
    /** @param {string} identity @param {string|null} zone @returns {Promise<import('./types.js').Drift>} */
    drift: (identity, zone) => send('drift', { identity, zone }),
    /** @param {string|null} zone @returns {Promise<import('./types.js').Ledger>} */
    ledger: (zone) => send('ledger', { zone }),
    /** @param {string} identity @param {string|null} zone @returns {Promise<CommandResult>} */
    goToBreak: (identity, zone) => send('go_to_break', { identity, zone }),
    /** The newest picture, whole. */
    watchZone: (/** @type {number} */ first, /** @type {number} */ blocks) =>
      send('subscribe', { view: { level: 'cells', first_block: first, nr_blocks: blocks } }),
    /** Blocks one by one. @param {import('./state/close.js').Stretch|null} stretch null: no more */
    watchWindow: (stretch) => send('subscribe', {
      view: stretch
        ? { level: 'window', first_block: stretch.first, nr_blocks: stretch.width, runs: stretch.runs, stride: stretch.stride }
        : { level: 'window', nr_blocks: 0 },
    }),
    /** @param {number} firstPfn @param {number} pages 0: no more */
    watchPages: (firstPfn, pages) =>
      send('subscribe', { view: pages ? { level: 'pages', first_pfn: firstPfn, nr_pages: pages } : { level: 'pages', nr_pages: 0 } }),
  };
}

/** The errno of a request that would go round for ever. */
export const HANGS = 'HANGS';

/**
 * The service's own words on a refusal, or null where the fault is not a refusal.
 * @param {unknown} error
 * @returns {Problem|null}
 */
export function problemOf(error) {
  return error instanceof Error && 'problem' in error ? /** @type {Problem} */ (error.problem) : null;
}

/**
 * A refusal in one line: what, and what would be accepted.
 * @param {unknown} error
 */
export function refusalWords(error) {
  const problem = problemOf(error);
  if (!problem) return error instanceof Error ? error.message : String(error);
  const parts = [problem.detail || problem.title];
  const more = problem.expected || problem.allowed;
  if (more && !/[.:?!]$/.test(parts[0])) parts[0] += '.';
  const place = [problem.file, problem.line === undefined ? '' : `line ${problem.line}`].filter(Boolean).join(', ');
  if (place && !parts[0].includes(problem.file ?? '\n')) parts.unshift(`${place}:`);
  if (problem.expected && !parts[parts.length - 1].includes(problem.expected)) parts.push(`Expected: ${problem.expected}.`);
  if (problem.allowed && !parts[parts.length - 1].includes(String(problem.allowed))) parts.push(`Allowed: ${problem.allowed}.`);
  const words = parts.join(' ');
  return /[.:?!]$/.test(words) ? words : `${words}.`;
}
