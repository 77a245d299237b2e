// The flow map: where one is, the picture, how to read it, and moving in it by keys.

import { button, clip, h, say } from "./dom";
import { type Drawn, draw, highlight } from "./draw";
import { legend } from "./legend";
import { list } from "./list";
import { type Model, label } from "./model";
import { type Scene, type SceneEdge, type SceneNode, groupOf, groupTitle, scene } from "./scene";
import { type Selected, type State, set, show, state } from "./state";
import { Viewport } from "./viewport";

const viewport = new Viewport("Flow map. Arrow keys move between nodes, Enter opens one, plus and minus zoom.");
let shown: { scene: Scene; drawn: Drawn; what: string } | undefined;
/** The node that the tabulator key comes to. */
let reached: string | undefined;

viewport.svg.addEventListener("keydown", (event) => keyed(event));
viewport.svg.addEventListener("pointerover", (event) => hovered(event));
viewport.svg.addEventListener("pointerleave", () => restHighlight());

/** The map's part of the page. */
export function mapView(model: Model): HTMLElement {
  const body = state.isList ? list(model) : picture(model);
  const parts = [crumbs(model), body];
  return h("section", { class: "map-view", "aria-label": "Flow map" }, ...parts);
}

/** Draws what `mapView` left room for: its size is known once it stands in the page. */
export function paint(model: Model): void {
  if (state.isList) return;
  // As if nothing stood beside it, so that nodes stay where they are when something does.
  const width = document.getElementById("view")?.clientWidth ?? 900;
  const { view, distance, whatIf } = state;
  const what = JSON.stringify([
    view,
    distance,
    width,
    whatIf?.difference.changes,
    model.map.stack,
    model.map.edges.length,
  ]);
  if (shown?.what !== what) {
    const now = scene(state, model, Math.max(width - (width < 500 ? 16 : 36), 300));
    const drawn = draw(now, { open, openEdge });
    viewport.put(drawn.content, now.layout);
    shown = { scene: now, drawn, what };
    reached = now.centre ?? [...now.nodes.keys()][0];
    drawn.nodes.get(reached ?? "")?.setAttribute("tabindex", "0");
    say(`${now.title}: ${now.nodes.size} nodes, ${now.edges.length} lines`);
  }
  viewport.refit();
  document.getElementById("map-notes")?.replaceChildren(...shown.scene.notes.map((note) => h("p", {}, note)));
  restHighlight();
}

function picture(model: Model): HTMLElement {
  const controls = h(
    "div",
    { class: "zoom", role: "group", "aria-label": "Zoom" },
    button("+", () => viewport.zoomIn(), { "aria-label": "Zoom in" }),
    button("−", () => viewport.zoomOut(), { "aria-label": "Zoom out" }),
    button("Fit", () => viewport.fit(0.1), { "aria-label": "Fit the whole map" }),
  );
  const notes = h("div", { id: "map-notes", class: "notes" });
  return h("div", { class: "picture" }, h("div", { class: "canvas" }, viewport.svg, controls), notes, legend(model));
}

function crumbs(model: Model): HTMLElement {
  const { view } = state;
  const trail: [string, (() => void) | undefined][] = [["All", () => show({ kind: "overview" })]];
  const group = view.kind === "group" ? view.group : view.kind === "node" ? groupOf(model, view.id) : undefined;
  if (group && model.managed > 60) trail.push([groupTitle(group), () => show({ kind: "group", group })]);
  if (view.kind === "node") trail.push([label(view.id), undefined]);
  if (view.kind === "component") {
    const home = model.home(view.name);
    if (home) trail.push([label(home), () => show({ kind: "node", id: home })]);
    trail.push([view.name, undefined]);
  }
  if (view.kind === "changes") trail.push(["Flows of the what-if", undefined]);
  const items = trail.map(([text, go], index) => {
    const isHere = index === trail.length - 1;
    const inner =
      go && !isHere
        ? button(text, go, { class: "link", title: clip(text) })
        : h("span", { "aria-current": isHere && "page", title: clip(text) }, clip(text, 60));
    return h("li", {}, inner);
  });
  return h(
    "div",
    { class: "bar" },
    h("nav", { "aria-label": "Where you are" }, h("ol", { class: "crumbs" }, ...items)),
    h("div", { class: "switches" }, distance(), whatIfSwitch(), shape()),
  );
}

function distance(): HTMLElement | false {
  if (state.view.kind !== "node" && state.view.kind !== "component") return false;
  const one = (at: 1 | 2) =>
    button(String(at), () => set({ distance: at }), {
      "aria-pressed": state.distance === at ? "true" : "false",
      "data-key": `distance ${at}`,
      "aria-label": `Neighbours at distance ${at}`,
    });
  return h(
    "div",
    { class: "segments", role: "group", "aria-label": "Distance" },
    h("span", {}, "Distance"),
    one(1),
    one(2),
  );
}

function whatIfSwitch(): HTMLElement | false {
  const flows = state.whatIf?.difference;
  if (!flows || flows.flows_added.length + flows.flows_removed.length === 0 || state.view.kind === "changes")
    return false;
  return button("Changed flows only", () => show({ kind: "changes" }), { class: "quiet" });
}

function shape(): HTMLElement {
  const one = (text: string, isList: boolean) =>
    button(text, () => set({ isList }), {
      "aria-pressed": state.isList === isList ? "true" : "false",
      "data-key": `shape ${text}`,
    });
  return h("div", { class: "segments", role: "group", "aria-label": "Show as" }, one("Map", false), one("List", true));
}

function open(node: SceneNode): void {
  if (node.shape === "group") return show({ kind: "group", group: node.id });
  const isSelected = isOf(state.selected, node);
  const view =
    node.shape === "component"
      ? ({ kind: "component", name: node.id } as const)
      : ({ kind: "node", id: node.id } as const);
  const selected: Selected =
    node.shape === "component" ? { kind: "component", name: node.id } : { kind: "node", id: node.id };
  reach(node.id);
  // The first opens what is known of it, the second goes there; among many, one goes there at once.
  if (isSelected || state.view.kind === "group") show(view, selected);
  else {
    set({ selected });
    say(`${node.title}: details follow the map, Enter goes there`);
  }
}

function isOf(selected: Selected | undefined, node: SceneNode): boolean {
  if (selected?.kind === "node") return node.shape !== "component" && selected.id === node.id;
  return selected?.kind === "component" && node.shape === "component" && selected.name === node.id;
}

function openEdge(edge: SceneEdge): void {
  if (state.view.kind === "component") {
    const { from, to } = edge;
    const [link] = state.model?.linksBetween(from, to) ?? [];
    if (link) set({ selected: { kind: "link", id: link.id } });
  } else if (state.model?.nodes.has(edge.from) || edge.mark) {
    set({ selected: { kind: "edge", from: edge.from, to: edge.to } });
  } else {
    show({ kind: "group", group: edge.from });
  }
}

function restHighlight(): void {
  if (!shown) return;
  const { selected } = state;
  if (selected?.kind === "edge") return highlight(shown.drawn, undefined, selected);
  if (selected?.kind === "link") {
    const link = state.model?.links.get(selected.id);
    return highlight(shown.drawn, undefined, link);
  }
  const id = selected?.kind === "node" ? selected.id : selected?.kind === "component" ? selected.name : undefined;
  const isThere =
    id !== undefined && shown.scene.edges.length > 0 && id !== shown.scene.centre && shown.drawn.nodes.has(id);
  highlight(shown.drawn, isThere ? id : undefined);
}

function hovered(event: Event): void {
  // What was chosen stays in sight, whatever the pointer rests on.
  if (state.selected && state.selected !== atCentre()) return;
  if (!shown || shown.scene.edges.length === 0 || shown.scene.edges.length > 400) return;
  const element = (event.target as Element).closest<SVGGElement>(".node, .edge");
  if (!element) return restHighlight();
  const node = [...shown.drawn.nodes].find(([, one]) => one === element);
  const edge = shown.drawn.edges.find((one) => one.element === element);
  if (node) highlight(shown.drawn, node[0]);
  else if (edge) highlight(shown.drawn, undefined, edge.edge);
}

/** What is selected, if that is what the whole view is of anyway. */
function atCentre(): Selected | undefined {
  const { selected } = state;
  const id = selected?.kind === "node" ? selected.id : selected?.kind === "component" ? selected.name : undefined;
  return id !== undefined && id === shown?.scene.centre ? selected : undefined;
}

function reach(id: string): void {
  if (!shown) return;
  shown.drawn.nodes.get(reached ?? "")?.setAttribute("tabindex", "-1");
  reached = id;
  const element = shown.drawn.nodes.get(id);
  element?.setAttribute("tabindex", "0");
  const placed = shown.scene.layout.nodes.get(id);
  if (placed) viewport.reveal(placed);
  element?.focus({ preventScroll: true });
}

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function keyed(event: KeyboardEvent): void {
  const target = event.target as Element;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  } else if (event.key === "+" || event.key === "=") viewport.zoomIn();
  else if (event.key === "-") viewport.zoomOut();
  else if (event.key === "0") viewport.fit(0.1);
  else if (event.key === "Escape") back(state);
  else if (STEPS[event.key]) {
    event.preventDefault();
    const next = nearest(STEPS[event.key] ?? [0, 0]);
    if (next) reach(next);
  }
}

function back(now: State): void {
  if (now.selected) set({ selected: undefined });
  else if (now.view.kind !== "overview") show({ kind: "overview" });
}

/** The node next to the one that is reached, that way. */
function nearest([dx, dy]: [number, number]): string | undefined {
  const from = shown?.scene.layout.nodes.get(reached ?? "");
  if (!shown || !from) return undefined;
  let best: { id: string; cost: number } | undefined;
  for (const to of shown.scene.layout.nodes.values()) {
    const [x, y] = [to.x - from.x, to.y - from.y];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (along <= 1) continue;
    const cost = along + aside * 2.5;
    if (!best || cost < best.cost) best = { id: to.id, cost };
  }
  return best?.id;
}
