// The page: connects to the host, reads the stack that the tool was asked about, and draws whatever changes.

import "./jitless";

import { controlPanel } from "./control";
import { controlsView } from "./controls";
import type { Change, StackMap, StackRow } from "./data";
import { clip, h, keepingFocus } from "./dom";
import { type Choice, header } from "./header";
import { Host, type Opened, uri } from "./host";
import { mapView, paint } from "./mapview";
import { Model } from "./model";
import { panel } from "./panel";
import { onChange, set, state } from "./state";
import { tryOut, whatIfView } from "./whatif";

/** On less than this, nothing stands beside the heat map; as in the style. */
const NARROW = 1_000;
const host = new Host();
const choice: Choice = {
  stacks: [],
  unreadable: [],
  choose: (stack) => void load(stack),
  reload: () => void start(true),
};
/** What the tool asked about; a later call may ask about another. */
let asked: { stack?: string; scope?: string; changes?: Change[]; isTaken: boolean } = { isTaken: false };
let scheduled = false;

/** Draws soon, and once for all that changes until then. */
function redraw(): void {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    keepingFocus(render);
  });
}

function render(): void {
  const root = document.getElementById("root");
  if (!root) return;
  const { model } = state;
  const tried = whatIfView();
  const main = model ? view(model) : h("main", { class: "faint empty" }, state.error ? "" : "Reading the stack …");
  const scrolled = document.querySelector(".panel")?.scrollTop ?? 0;
  root.replaceChildren(header(host, choice), ...(tried ? [tried] : []), main);
  if (model && state.tab === "map") paint(model);
  if (model) performance.mark("map drawn");
  document.querySelector(".panel")?.scrollTo(0, lastPanel === panelKey() ? scrolled : 0);
  lastPanel = panelKey();
}

let lastPanel = "";

function panelKey(): string {
  return JSON.stringify([state.tab, state.selected, state.control?.id]);
}

function view(model: Model): HTMLElement {
  const isMap = state.tab === "map";
  const details = isMap ? panel(model) : controlPanel(host);
  const isWithin = !isMap && window.innerWidth <= NARROW;
  const beside = isWithin ? undefined : details;
  const body = isMap ? mapView(model) : controlsView(model, isWithin ? details : undefined);
  const attributes = { id: "view", role: "tabpanel", "aria-labelledby": `tab-${state.tab}` };
  return h("main", {}, h("div", { ...attributes, class: beside ? "main with-panel" : "main" }, body, beside));
}

/** The stack that is being read. */
let loading: string | undefined;

async function load(stack: string): Promise<void> {
  if (!stack || loading === stack) return;
  loading = stack;
  set({ busy: "Reading the stack …", error: undefined });
  performance.mark("map asked");
  try {
    const map = await host.read<StackMap>(uri(stack, "map"));
    performance.mark("map read");
    if (loading !== stack) return;
    const isSame = state.model?.map.stack === map.stack;
    const kept = isSame
      ? {}
      : { view: { kind: "overview" } as const, selected: undefined, control: undefined, whatIf: undefined };
    set({ model: new Model(map), busy: undefined, ...kept });
    take();
  } catch (error) {
    if (loading === stack)
      set({ busy: undefined, error: clip(error instanceof Error ? error.message : String(error)) });
  } finally {
    if (loading === stack) loading = undefined;
  }
}

/** Goes to what the tool was asked about, once. */
function take(): void {
  const { model } = state;
  if (!model || asked.isTaken) return;
  asked.isTaken = true;
  const { scope, changes } = asked;
  if (scope && model.nodes.has(`ns:${scope}`)) {
    const id = `ns:${scope}`;
    set({ view: { kind: "node", id }, selected: { kind: "node", id } });
  } else if (scope && model.components.has(scope)) {
    set({ view: { kind: "component", name: scope }, selected: { kind: "component", name: scope } });
  }
  if (changes && changes.length > 0) void tryOut(host, changes, "what was asked");
}

function opened(by: Opened): void {
  const text = (value: unknown) => (typeof value === "string" && value !== "*" && value !== "all" ? value : undefined);
  const stack = text(by.fields["stack"]) ?? text(by.arguments["stack"]);
  const scope = text(by.fields["scope"]) ?? text(by.arguments["scope"]);
  const changes = Array.isArray(by.arguments["what_if"]) ? (by.arguments["what_if"] as Change[]) : undefined;
  const isNew =
    stack !== asked.stack || scope !== asked.scope || JSON.stringify(changes) !== JSON.stringify(asked.changes);
  if (isNew) {
    asked = {
      isTaken: false,
      ...(stack ? { stack } : {}),
      ...(scope ? { scope } : {}),
      ...(changes ? { changes } : {}),
    };
  }
  if (by.tool && !isTabChosen) {
    isTabChosen = true;
    set({ tab: by.tool === "pci_compliance_overview" ? "controls" : "map" });
  }
  if (!isNew) return;
  // At once, beside the list of all stacks, which may be long in the making.
  if (stack && stack !== state.model?.map.stack) void load(stack);
  else take();
}

let isTabChosen = false;

async function start(isAgain = false): Promise<void> {
  try {
    if (isAgain) host.forget();
    const known = isAgain && state.model ? load(state.model.map.stack) : undefined;
    const { stacks, unreadable } = await host.stacks();
    choice.stacks = stacks;
    choice.unreadable = unreadable.map((one) => [one.folder, one.error].filter(Boolean).join(": "));
    await known;
    const [only] = stacks as [StackRow?];
    if (!state.model && !loading && only && stacks.length === 1) await load(only.stack);
    redraw();
  } catch (error) {
    set({ error: clip(error instanceof Error ? error.message : String(error)) });
  }
}

onChange(redraw);
let width = 0;
new ResizeObserver(() => {
  if (Math.abs(window.innerWidth - width) < 4) return;
  width = window.innerWidth;
  redraw();
}).observe(document.documentElement);
render();
host.connect(opened, redraw).then(
  () => start(),
  (error: unknown) => set({ error: `no host answers: ${String(error)}` }),
);
