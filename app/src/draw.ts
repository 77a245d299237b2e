// A scene, drawn as SVG: bands, then lines, then nodes on top of them.

import { clip, s } from "./dom";
import { type Placed, curve } from "./layout";
import { LOOK_TITLES } from "./model";
import type { Scene, SceneEdge, SceneNode } from "./scene";
import { cylinder, outline, storeMark } from "./shapes";

export interface Drawn {
  scene: Scene;
  content: SVGGElement;
  nodes: Map<string, SVGGElement>;
  edges: { edge: SceneEdge; element: SVGGElement }[];
}

export interface Handlers {
  open: (node: SceneNode) => void;
  openEdge: (edge: SceneEdge) => void;
}

/** How many dots stand for the members of a group at most. */
const DOTS = 60;

export function draw(scene: Scene, handlers: Handlers): Drawn {
  const content = s("g", { class: scene.labels ? "content labelled" : "content" });
  const drawn: Drawn = { scene, content, nodes: new Map(), edges: [] };
  for (const band of scene.layout.bands) {
    const { x, y, width, height } = band;
    content.append(
      s("rect", { class: `band look-${band.look}`, x, y, width, height, rx: 8 }),
      s("text", { class: "band-title", x: x + 12, y: y + 17 }, band.title),
    );
  }
  const labels = s("g", { class: "edge-labels", "aria-hidden": "true" });
  for (const edge of scene.edges) {
    const [from, to] = [scene.layout.nodes.get(edge.from), scene.layout.nodes.get(edge.to)];
    if (!from || !to || edge.from === edge.to) continue;
    const element = line(edge, from, to, scene, handlers, labels);
    drawn.edges.push({ edge, element });
    content.append(element);
  }
  for (const node of scene.nodes.values()) {
    const placed = scene.layout.nodes.get(node.id);
    if (!placed) continue;
    const element = shape(node, placed, scene.centre === node.id, handlers);
    drawn.nodes.set(node.id, element);
    content.append(element);
  }
  content.append(labels);
  return drawn;
}

function line(
  edge: SceneEdge,
  from: Placed,
  to: Placed,
  scene: Scene,
  handlers: Handlers,
  labels: SVGGElement,
): SVGGElement {
  const { path, x, y } = curve(from, to, scene.layout);
  const [source, target] = [scene.nodes.get(edge.from)?.title ?? edge.from, scene.nodes.get(edge.to)?.title ?? edge.to];
  const mark = edge.mark === "added" ? "+ " : edge.mark === "removed" ? "− " : "";
  const text = `${mark}${clip(edge.label, 26)}`;
  const title = `${clip(source, 80)} to ${clip(target, 80)}: ${clip(edge.label, 200)}${edge.mark ? `, ${edge.mark}` : ""}`;
  const weight = edge.weight > 1 ? Math.min(5, 1 + Math.log10(edge.weight) * 1.4) : undefined;
  const tag = s("g", { class: `edge-label${edge.mark ? ` ${edge.mark}` : ""}` });
  const width = text.length * 6 + 8;
  tag.append(s("rect", { x: -width / 2, y: -8, width, height: 16, rx: 4 }), s("text", { y: 4 }, text));
  tag.setAttribute("transform", `translate(${x} ${y})`);
  labels.append(tag);
  const element = s(
    "g",
    {
      class: `edge${edge.mark ? ` ${edge.mark}` : ""}`,
      role: "button",
      tabindex: -1,
      "aria-label": title,
      "data-key": `edge ${edge.from} ${edge.to}`.slice(0, 300),
      click: () => handlers.openEdge(edge),
    },
    s("title", { "aria-hidden": "true" }, title),
    s("path", { class: "hit", d: path }),
    s("path", { class: "line", d: path, "marker-end": "url(#arrow)", ...(weight ? { "stroke-width": weight } : {}) }),
  );
  labelOf.set(element, tag);
  middleOf.set(element, `translate(${x} ${y})`);
  return element;
}

const middleOf = new WeakMap<Element, string>();
const labelOf = new WeakMap<Element, SVGGElement>();

/** Where the ports of a line stand while `id` is looked at: on the edge of its other end, where no other line is. */
function beside(scene: Scene, edge: SceneEdge, id: string): string | undefined {
  const other = scene.layout.nodes.get(edge.from === id ? edge.to : edge.from);
  if (!other || scene.labels) return undefined;
  const isBoth = scene.edges.some((one) => one.from === edge.to && one.to === edge.from);
  const part = isBoth ? (edge.from === id ? 0.25 : 0.75) : 0.5;
  return `translate(${other.x + other.width * part} ${other.y})`;
}

function shape(node: SceneNode, placed: Placed, isCentre: boolean, handlers: Handlers): SVGGElement {
  const { width, height } = placed;
  const letters = Math.floor((width - (node.isStore ? 34 : 18)) / 7.1);
  const look = LOOK_TITLES[node.look];
  const [title, detail] = [clip(node.title, letters), clip(node.detail, letters + 2)];
  const whole =
    title === node.title && detail === node.detail ? "" : `, in full ${clip(node.title, 120)} ${clip(node.detail, 80)}`;
  // What is written begins what is said: who speaks to a machine says what is to be seen.
  const spoken = `${title} ${detail}, ${look}${node.isStore ? ", stores data" : ""}${whole}`;
  const isWhole = node.shape === "component" && node.isStore;
  const middle = node.shape === "group" ? 22 : height / 2 - (detail ? 3 : -4);
  const element = s(
    "g",
    {
      class: `node look-${node.look}${isCentre ? " centre" : ""} ${node.shape}`,
      transform: `translate(${placed.x} ${placed.y})`,
      role: "button",
      tabindex: -1,
      "aria-label": spoken,
      "data-key": `node ${node.id}`.slice(0, 300),
      click: () => handlers.open(node),
    },
    isWhole ? cylinder({ width, height }) : outline(node.look, { width, height }),
    s("text", { class: "title", x: width / 2, y: middle + (isWhole ? 5 : 1) }, title),
    " ",
    s("text", { class: "detail", x: width / 2, y: middle + (isWhole ? 18 : 15) }, detail),
  );
  if (whole) element.prepend(s("title", {}, `${clip(node.title)}\n${node.detail}`));
  if (node.isStore && !isWhole) element.append(storeMark(width - 22, 6));
  if (node.shape === "group") element.append(dots(node.count ?? 0, width));
  return element;
}

/** The members of a group as dots, so that large ones look large. */
function dots(count: number, width: number): SVGGElement {
  const group = s("g", { class: "dots", "aria-hidden": "true" });
  const columns = 20;
  const step = (width - 36) / (columns - 1);
  for (let dot = 0; dot < Math.min(count, DOTS); dot += 1) {
    const [x, y] = [18 + (dot % columns) * step, 54 + Math.floor(dot / columns) * 12];
    group.append(s("circle", { cx: x, cy: y, r: 2.4 }));
  }
  return group;
}

/** Shows what touches `id`, and lets the rest step back; without one, all as it was. */
export function highlight(drawn: Drawn, id: string | undefined, edge?: { from: string; to: string }): void {
  const isOn = (one: SceneEdge) =>
    edge ? one.from === edge.from && one.to === edge.to : id !== undefined && (one.from === id || one.to === id);
  const near = new Set<string>(id ? [id] : edge ? [edge.from, edge.to] : []);
  const isQuiet = id !== undefined || edge !== undefined;
  for (const { edge: one, element } of drawn.edges) {
    const on = isOn(one);
    if (on) near.add(one.from).add(one.to);
    element.classList.toggle("on", on);
    element.classList.toggle("off", isQuiet && !on);
    const tag = labelOf.get(element);
    tag?.classList.toggle("on", on);
    tag?.classList.toggle("off", isQuiet && !on);
    const place = on && id !== undefined ? beside(drawn.scene, one, id) : undefined;
    if (place) tag?.setAttribute("transform", place);
    else if (on) tag?.setAttribute("transform", middleOf.get(element) ?? "");
  }
  for (const [node, element] of drawn.nodes) {
    element.classList.toggle("on", node === id);
    element.classList.toggle("off", isQuiet && !near.has(node));
  }
}
