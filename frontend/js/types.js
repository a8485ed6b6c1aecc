// Shapes that travel between the folders. Types only: docs/PROTOCOL.md says what the fields mean.

/**
 * @typedef {'UNMOVABLE'|'RECLAIMABLE'|'MOVABLE'|'RESERVE'|'HIGHATOMIC'|'CMA'|'ISOLATE'} Migratetype
 *
 * @typedef {{name: string, title: string, summary: string, aims: string[], family: string}} ModelRow
 * @typedef {{name: string, parent: string, changes: Record<string, number>}} Draft a model of one's own: what it changes in a kernel
 * @typedef {Draft & {title: string, summary: string, aims: string[]}} CustomRow
 *
 * @typedef {{name: string, site: string, counter: string, words: string, choices: {label: string, words: string}[]}} ModelColumn
 * @typedef {{values: Record<string, number>, words: Record<string, string>, source: string, why: string}} ModelCell
 * @typedef {{sections: {title: string, columns: ModelColumn[]}[],
 *   tables: {words: string[], labels: string[], named: number[], contexts: string[]},
 *   rules: {columns: Record<string, number[]>, reason: string}[],
 *   hunks: Record<string, {changes: Record<string, number>, without: Record<string, number>, source: string, why: string}>,
 *   patch: string, name_max: number,
 *   models: (ModelRow & {parent: string|null, because: Record<string, string>, cells: Record<string, ModelCell>})[]}} ModelTable
 *
 * @typedef {{name: string, title: string, question: string, geometries: {name: string, title: string}[]}} ScenarioRow
 *
 * @typedef {{identity: string, op: number, order: number|null, expected: number|null, got: number|null}} Breach
 * @typedef {{op: number, nr_free_pages: number, nr_free_sum: number, usable: number, isolated: number, pcp: number,
 *   nr_free: number[], listed: number[], broke: Breach[], refused: string|null, words: string, node: StoryNode|null}} StoryResult
 * @typedef {{zones: {zone: string, nr_free_pages: number, usable: number}[], kswapd_awake: boolean, oom_kills: number}} StoryNode
 * @typedef {{name: string, geometry: string, blocks: [number, number], look: string, steps: string[],
 *   results: StoryResult[], over: boolean, touched: boolean}} Demonstration `results[k]` are the books after k steps
 *
 * @typedef {{name: string, title: string, least: number, most: number, usual: number, unit: string, words: string}} ParameterRow
 * @typedef {{name: string, title: string, shows: string, parameters: ParameterRow[]}} WorkloadRow
 *
 * @typedef {{version: number, instance: string, session: string, role: 'driver'|'viewer',
 *   limits: Record<string, any>, migratetypes: Migratetype[], counters: string[], identities: string[],
 *   node_numbers: string[], zone_summary: string[], verdicts: string[],
 *   models: ModelRow[], scenarios: ScenarioRow[], workloads: WorkloadRow[],
 *   heartbeat_ms: number, frames_per_second: number}} Hello
 *
 * @typedef {{zone: string, start_pfn: number, spanned_pages: number, pageblock_order: number, max_order: number,
 *   pcp: {high: number, batch: number, cpus: number, derived: boolean}, holes: [number, number][], cma: [number, number][],
 *   whole: boolean, min_free_kbytes: number|null, swap_pages: number, model: string, custom: CustomRow|null, seed: number}} ZoneConfig
 *
 * @typedef {{zone: string, start_pfn: number, spanned_pages: number, first_block: number, nr_pageblocks: number,
 *   pcp_high: number, pcp_batch: number, lowmem_reserve: number[]}} ZoneRow blocks as the node counts them
 *
 * @typedef {{config: ZoneConfig,
 *   zone: {nr_pageblocks: number, first_block_pfn: number, grouping_note: string|null}, zones: ZoneRow[],
 *   run: {running: boolean, rate: number|null, stopped: string|null},
 *   workload: {name: string, parameters: Record<string, number>, mix: {orders?: number[], migratetypes?: number[]}, low: number, high: number},
 *   clients: {drivers: number, viewers: number}, models: CustomRow[],
 *   source: null|{files: string[], zones: {node: number, zone: string, runnable: boolean, obstacle: string|null}[], node: number, zone: string, notes: string[]},
 *   demonstration: Demonstration|null, kept: {name: string, trouble: string|null}|null,
 *   timeline: TimelineState, notes: string[]}} ZoneState
 *
 * @typedef {{verdict: 0|1|2|3, order: number, migratetype: number, expected: number, got: number, firstOp: number}} FrameIdentity
 *   0 holds, 1 broken, 2 not aimed at and false, 3 not aimed at and true; order and migratetype -1 where none.
 *
 * @typedef {{firstPfn: number, state: Uint8Array, attributes: Uint8Array}} FramePages
 *
 * @typedef {{numbers: Float64Array, zones: Float64Array[]}} FrameNode by the names of `hello.node_numbers` and, each zone, of `hello.zone_summary`
 *
 * @typedef {{width: number, runs: number, stride: number}} FrameWindow blocks; `runs` runs of `width`, `stride` apart
 *
 * @typedef {{keyframe: boolean, running: boolean, stopped: boolean, heartbeat: boolean,
 *   seq: number, baseSeq: number, op: number, cutMs: number, view: number, nrCells: number, orders: number,
 *   migratetypes: number, blocksPerCell: number, firstBlock: number, latenessUs: number,
 *   counters: Float64Array|null, nrFree: Float64Array|null, lists: Uint32Array|null, cells: Uint32Array|null,
 *   changed: {index: Uint32Array, cell: Uint32Array}|null, identities: FrameIdentity[]|null,
 *   pages: FramePages|null, pcp: Uint32Array|null, window: FrameWindow|null,
 *   node: FrameNode|null, moment: Moment|null}} Frame
 *
 * @typedef {{branch: number, step: number, steps: number, whole: boolean, tip: number, keptFrom: number, firstOp: number}} Moment
 *   `step` of `steps` writes of the operation are done; `tip`: the branch's last operation; `keptFrom`: the first one of which
 *   the log of writes tells
 *
 * @typedef {{text: string, value: number|null, word: string}} PredicateValue a part of a predicate as written
 *
 * @typedef {{branch: number, name: string, parent: number|null, fork_op: number, tip: number}} BranchRow
 *
 * @typedef {{branch: number, branches: BranchRow[], first_op: number, undo: string|null, redo: string|null,
 *   keyframes: number, keyframe_bytes: number, log_bytes: number}} TimelineState
 *
 * @typedef {{zone: string, identity: string, verdict: string, because: string|null, order: number|null, migratetype: string|null,
 *   expected: number|null, got: number|null, first_op: number|null}} Verdict
 *
 * @typedef {{op: number, kind: string, text: string}} Mark
 * @typedef {{note: number, branch: number, op: number, step: number|null, text: string}} NoteRow
 *
 * @typedef {{name: string, saved_at: number, bytes: number, model: string, zone: string, pages: number, op: number,
 *   branches: number, live: boolean}} KeptRow a session that is kept; `saved_at` in seconds since 1970
 *
 * @typedef {{id: number|null, code: string, status: number, title: string, detail: string, field?: string,
 *   allowed?: string, errno?: string, file?: string, line?: number, expected?: string, estimate?: number,
 *   setting?: string, others?: number}} Problem
 *
 * @typedef {{applies: boolean, reason: string|null, words: string[]}} VerbPreview
 *
 * @typedef {{op: number, blocks: number, first: number, last: number,
 *   info: {pfn_first: number, pfn_last: number, migratetypes: Record<string, number>, pages: number, free: number,
 *     allocated: number, lru: number, unmovable: number, pinned: number, pcp: number, reserved: number,
 *     offline: number, holes: number, free_lists: [number, string, number][],
 *     straddling: {pfn: number, order: number}[]},
 *   verbs: Record<string, VerbPreview>}} Preview
 *
 * @typedef {{words: string, left: number, needed: number, holds: boolean}} SumLine a comparison of a watermark
 * @typedef {{zone: string, present: number, words: string, marks: Record<string, {ok: boolean, sum: SumLine[]}>,
 *   list: {migratetype: string, order: number, fallback: boolean}|null,
 *   fragmentation: {unusable_index: number, extfrag_index: number, words: string}}} WouldZone
 * @typedef {{op: number, order: number, migratetype: string, zone: string, atomic: boolean,
 *   answer: 'yes'|'slow'|'reclaim'|'no', words: string, zones: WouldZone[]}} Would
 *
 * @typedef {{column: string, question: string, label: string, words: string, source: string, why: string}} Decision a cell of the model's row
 * @typedef {{site: string, kind: string, words: string, cell: string|null}} StepRecord
 * @typedef {{op: number, kind: string, title: string, words: string[]|string|null, ret: string|number|null,
 *   records: StepRecord[], cells: Record<string, Decision>, more: number}} StepOperation
 * @typedef {{first_op: number, last_op: number, gap: number|null, operations: StepOperation[]}} Steps
 *
 * @typedef {StepRecord & {op: number, step: number, title: string, amount: number|null}} Change
 * @typedef {{changes: Change[], cells: Record<string, Decision>, before: number|null, first_op: number, handle: number|null}} Changes
 * @typedef {{op: number, step: number, title: string, gap: number, by_order: number[], nr_free_pages: number, nr_free: number[],
 *   listed: Record<string, number[]>}} Move
 * @typedef {{identity: string, by_order: boolean, moves: Move[], count: number, together: Move|null, first_op: number}} Drift
 * @typedef {{sort: string, order: number|null, migratetype: string|null}} AccountRow
 * @typedef {{counter: string, order: number|null, claimed: number, real: number, counts: string, identity: string}} Claim
 * @typedef {{op: number, title: string|null, spanned: number, accounts: (AccountRow & {pages: number, moved: number})[],
 *   postings: (StepRecord & {step: number, from: AccountRow, to: AccountRow, pages: number})[], cells: Record<string, Decision>,
 *   count: number, claims: Claim[]}} Ledger
 *
 * @typedef {{op: number, done?: number, refused?: {block: number, errno: string, words: string}[],
 *   counts?: Record<string, number>, words?: string[], summary?: any, errno?: string|null, pfns?: number[],
 *   failed?: number, replayed?: number, view?: number, total?: number}} CommandResult
 *
 * @typedef {'connecting'|'live'|'stale'|'disconnected'} Phase
 * @typedef {{phase: Phase, words: string}} Connection
 */

export {};
