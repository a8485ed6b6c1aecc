// Wiring only: which message reaches which state, which state which view. No rule of the product lives here.

import { createActions } from './actions.js';
import { mountAddress } from './address.js';
import { arrival } from './arrival.js';
import { CloseWatch } from './closewatch.js';
import { byId } from './draw/dom.js';
import { readPalette } from './draw/palette.js';
import { Scheduler } from './draw/scheduler.js';
import { Http } from './net/http.js';
import { Socket } from './net/socket.js';
import { PagesWatch } from './pageswatch.js';
import { ZoneWatch } from './zonewatch.js';
import { Lab } from './state/lab.js';
import { clipped } from './state/selection.js';
import { prefs } from './state/prefs.js';
import { Ui } from './state/ui.js';
import { mountAlloc } from './views/alloc.js';
import { Announcer } from './views/announcer.js';
import { BlockView } from './views/block.js';
import { BlockDetailsView } from './views/blockdetails.js';
import { BooksView } from './views/books.js';
import { mountBreakpoint } from './views/breakpoint.js';
import { mountBranches } from './views/branches.js';
import { ChunkView } from './views/chunk.js';
import { confirm } from './views/confirm.js';
import { mountConfigure } from './views/configure.js';
import { mountDemos } from './views/demos.js';
import { mountDrawer } from './views/drawer.js';
import { FreeListsView } from './views/freelists.js';
import { mountHeader } from './views/header.js';
import { mountHelp } from './views/help.js';
import { HistoryView } from './views/history.js';
import { HistoryTableView } from './views/historytable.js';
import { mountImporter } from './views/importer.js';
import { mountKeys } from './views/keys.js';
import { mountLevel } from './views/level.js';
import { LedgerView } from './views/ledger.js';
import { mountListPeek } from './views/listpeek.js';
import { MapView } from './views/map.js';
import { MapTableView } from './views/maptable.js';
import { ModelsView } from './views/models.js';
import { mountModelSwitch } from './views/modelswitch.js';
import { MotionView } from './views/motion.js';
import { mountNotebook } from './views/notebook.js';
import { mountNotes } from './views/notes.js';
import { mountNotices } from './views/notices.js';
import { PagesView } from './views/pages.js';
import { PfnsView } from './views/pfns.js';
import { mountRate } from './views/rate.js';
import { ReclaimView } from './views/reclaim.js';
import { ReclaimTabView } from './views/reclaimtab.js';
import { mountSessions } from './views/sessions.js';
import { mountStage } from './views/stage.js';
import { StepsView } from './views/steps.js';
import { TimebarView } from './views/timebar.js';
import { mountTips } from './views/tips.js';
import { mountMenus, mountViewMenu } from './views/viewmenu.js';
import { WhyView } from './views/why.js';
import { mountWorkload } from './views/workload.js';
import { WouldView } from './views/would.js';
import { ZonesView } from './views/zones.js';

const CHART_MS = 110;
const TABLE_MS = 500;
const RATE_MS = 1000;

const asked = new URLSearchParams(location.search);
const role = asked.get('role') === 'viewer' ? 'viewer' : 'driver';
const sessionUrl = (/** @type {string} */ name) => new URL(`api/v1/sessions/${encodeURIComponent(name)}`, document.baseURI).href;
const socketUrl = (/** @type {string} */ url) => `${url.replace(/^http/, 'ws')}/ws?role=${role}`;

const lab = new Lab();
const ui = new Ui();
const address = mountAddress(ui, lab);
const scheduler = new Scheduler();
const changed = () => scheduler.changed();
const http = new Http(sessionUrl(asked.get('session') ?? 'default'));
/** @type {Socket|null} */
let socket = null;
const others = () => (lab.state.value?.clients.drivers ?? 0) - (role === 'driver' ? 1 : 0);
const actions = createActions((...command) => /** @type {Socket} */ (socket).send(...command), http, confirm, others);

const zones = new ZoneWatch(lab, ui, actions.watchZone);
const closer = new CloseWatch(lab, actions.watchWindow);
const map = new MapView(lab, ui, closer, changed);
const books = new BooksView(lab, ui);
const block = new BlockView(lab, ui, actions);
const watch = new PagesWatch(lab, actions.watchPages);
const pages = new PagesView(lab, ui, watch, changed);
const chunk = new ChunkView(lab, ui, actions, watch);
const details = new BlockDetailsView(lab, ui, watch, () => block.preview);
const lists = new FreeListsView(lab, ui, changed);
const history = new HistoryView(lab, (op) => timebar.go(op));
const tables = [new MapTableView(lab, ui, closer, changed), new HistoryTableView(lab, changed)];
const openCell = (/** @type {string} */ column) => models.openAt(column);
const steps = new StepsView(lab, ui, actions, openCell);
const why = new WhyView(lab, ui, actions, openCell);
const ledger = new LedgerView(lab, ui, actions, openCell);
const pfns = new PfnsView(lab, ui, actions);
const motion = new MotionView(lab, { list: (type, order) => lists.placeOf(type, order), block: (block) => map.boxOf(block), pages: () => pages.shown });
const modelTable = () => http.models();
const reclaim = [new ZonesView(lab, ui, zones), new ReclaimView(lab, ui, actions), new ReclaimTabView(lab, ui, actions, modelTable)];
const would = new WouldView(lab, ui, actions);
const timebar = new TimebarView(lab, ui, actions);
const announcer = new Announcer(lab, ui, actions);
mountHeader(lab, ui, actions);
mountModelSwitch(lab, ui, actions);
const models = new ModelsView(lab, ui, actions, { table: modelTable, exportUrl: (name) => http.modelUrl(name) });
mountBranches(lab, ui, actions);
const breakpoint = mountBreakpoint(lab, actions);
mountDemos(lab, actions);
mountListPeek(lab, ui, actions);
mountStage(lab, ui, actions);
mountAlloc(lab, ui, actions);
mountConfigure(lab, ui, actions);
mountImporter(lab, ui, actions, (format) => http.exportUrl(format));
mountDrawer(ui);
mountNotices(ui);
mountNotes(lab);
const notebook = mountNotebook(lab, actions);
const sessions = mountSessions(lab, ui, actions, {
  list: () => http.kept(), copy: (name, to) => http.copyKept(name, to), drop: (name) => http.deleteKept(name), fileUrl: () => http.fileUrl(),
}, address.link, confirm);
mountMenus();
const rate = mountRate(lab, actions);
const workload = mountWorkload(lab, actions);
const help = mountHelp();
mountTips();

for (const view of [motion, map, pages, chunk, books, block, details, steps, why, ledger, pfns, ...reclaim, would, timebar, announcer]) scheduler.eachFrame(() => view.draw());
scheduler.eachFrame(arrival(lab, ui, address.moment, actions.seek));
scheduler.eachFrame(() => { document.body.dataset.op = String(lab.op); });
scheduler.inTurn(CHART_MS, () => lists.draw());
scheduler.inTurn(CHART_MS, () => history.draw());
for (const table of tables) scheduler.inTurn(TABLE_MS, () => table.draw());
for (const view of [rate, workload]) scheduler.inTurn(RATE_MS, () => view.draw());
mountViewMenu(() => {
  const palette = readPalette();
  for (const view of [motion, map, pages, details, lists, history]) view.paint(palette);
  lab.dirty.addAll();
  changed();
});
prefs.watch(changed);
mountKeys({
  toggle: () => byId('play', HTMLButtonElement).click(),
  step: () => byId('step', HTMLButtonElement).click(),
  faster: rate.faster,
  slower: rate.slower,
  workload: workload.open,
  help,
  models: () => models.open(),
  zone: () => zones.next(),
  would: () => ui.drawer.set(ui.drawer.value === 'would' ? null : 'would'),
  alloc: () => byId('alloc-menu', HTMLElement).showPopover(),
  act: (verb) => block.act(verb),
  pages: mountLevel(lab, ui),
  zoomIn: () => byId('zoom-in', HTMLButtonElement).click(),
  zoomOut: () => byId('zoom-out', HTMLButtonElement).click(),
  zoomAll: () => byId('zoom-all', HTMLButtonElement).click(),
  back: () => byId('time-back', HTMLButtonElement).click(),
  stepBack: () => byId('time-step-back', HTMLButtonElement).click(),
  stepOn: () => byId('time-step-on', HTMLButtonElement).click(),
  first: () => byId('time-first', HTMLButtonElement).click(),
  last: () => byId('time-last', HTMLButtonElement).click(),
  undo: () => byId('undo', HTMLButtonElement).click(),
  redo: () => byId('redo', HTMLButtonElement).click(),
  breakpoint: breakpoint.open,
  why: () => why.open(),
  markBefore: () => timebar.mark(-1),
  markAfter: () => timebar.mark(1),
  note: notebook.open,
  sessions: sessions.open,
  goTo: () => byId('time-op', HTMLInputElement).select(),
  map: byId('map', HTMLDivElement),
});

/** The service is another than before; what became of the session its first state says. */
let restarted = false;
/** Where the session is asked for from now on: by its name, if it has one, which outlives its number. @param {string} name */
const aim = (name) => {
  const url = sessionUrl(name);
  if (url === http.session) return;
  http.session = url;
  /** @type {Socket} */ (socket).url = socketUrl(url);
  address.call(name);
};

/** @type {Record<string, (message: any) => void>} */
const hears = {
  hello: (hello) => {
    restarted = lab.greet(hello);
    if (lab.picture) lab.picture.seq = -1;
  },
  state: (state) => {
    if (restarted) ui.say(state.kept ? `The service was started again: ${state.kept.name} stands where it was kept.` : 'The service was started again: this is its new zone, not the one before.');
    restarted = false;
    aim(state.kept?.name ?? lab.hello.value?.session ?? 'default');
    lab.tell(state);
    ui.selection.set(clipped(ui.selection.value, state.zone.nr_pageblocks));
  },
  history: (message) => lab.load(message),
  mark: (mark) => lab.mark(mark),
  notes: (message) => lab.notes.set(message.notes),
  moment: (message) => {
    lab.transit.set(message.transit);
    steps.arrive(message);
  },
  check: (message) => lab.verdicts.set(message.verdicts),
  notice: (notice) => ui.say(notice.text),
  error: (problem) => ui.say(problem.detail || problem.title, 'error'),
};

/** A session that cannot be had says why once; the page asks on, for it may come yet. */
let obstacle = '';
const explain = async () => {
  const why = await http.obstacle();
  if (why && why !== obstacle) ui.say(why, 'error');
  obstacle = why ?? obstacle;
};

socket = new Socket(socketUrl(http.session), {
  message: (message) => {
    hears[message.type]?.(message);
    changed();
  },
  frame: (frame) => {
    const lost = lab.take(frame);
    if (lost === 'window') closer.again();
    if (lost === 'cells') zones.again();
    changed();
  },
  phase: (phase, words) => {
    lab.connection.set({ phase, words });
    if (phase === 'disconnected' && !lab.hello.value) explain();
    changed();
  },
});
