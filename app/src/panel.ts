// What is known of the one thing that is looked at: a namespace, a component, a flow, a link.

import { button, clip, count, h, named } from "./dom";
import type { Edge, Flow, Link } from "./data";
import { LOOK_TITLES, type Model, label, ports } from "./model";
import { type Selected, set, show, state } from "./state";

/** How many entries a part lists. */
const LISTED = 40;

export function panel(model: Model): HTMLElement | undefined {
  const { selected } = state;
  if (!selected) return undefined;
  const [title, ...parts] = of(model, selected);
  const close = button("Close", () => set({ selected: undefined }), { class: "quiet", "data-key": "close panel" });
  const head = h(
    "div",
    { class: "panel-head" },
    h("h2", { title: clip(title as string) }, clip(title as string, 90)),
    close,
  );
  return h("aside", { class: "panel", "aria-label": "Details" }, head, ...(parts as (HTMLElement | null)[]));
}

function of(model: Model, selected: Selected): [string, ...(HTMLElement | null)[]] {
  switch (selected.kind) {
    case "node":
      return ofNode(model, selected.id);
    case "component":
      return ofComponent(model, selected.name);
    case "edge":
      return ofEdge(model, selected.from, selected.to);
    case "link":
      return ofLink(model, selected.id);
  }
}

/** A part of the panel: its heading, and a list that is cut where it is long. */
export function part(title: string, items: HTMLElement[]): HTMLElement | null {
  if (items.length === 0) return null;
  const rest = items.length - LISTED;
  const more = rest > 0 ? h("li", { class: "faint" }, `and ${rest.toLocaleString("en")} more`) : null;
  const heading = h("h3", {}, `${title} `, h("span", { class: "faint" }, String(items.length)));
  return h(
    "section",
    {},
    heading,
    h("ul", { class: "plain" }, ...items.slice(0, LISTED).map((item) => h("li", {}, item)), more),
  );
}

function badge(look: string, text: string): HTMLElement {
  return h("span", { class: `badge look-${look}` }, text);
}

function ofNode(model: Model, id: string): [string, ...(HTMLElement | null)[]] {
  const node = model.nodes.get(id);
  const look = model.look(id);
  const go = () => show({ kind: "node", id }, { kind: "node", id });
  const isHere = state.view.kind === "node" && state.view.id === id;
  const components = (node?.components ?? []).map((name) => componentButton(model, name));
  const flows = (edges: Edge[] | undefined, end: "from" | "to") =>
    (edges ?? []).filter((edge) => edge.from !== edge.to).map((edge) => flowButton(edge, label(edge[end])));
  const own = model.edge(id, id);
  return [
    label(id),
    h("p", {}, badge(look, LOOK_TITLES[look])),
    isHere ? null : button("Show what is near", go, { class: "primary", "data-key": "focus" }),
    part("Components", components),
    part("May be reached from", flows(model.into.get(id), "from")),
    part("May reach", flows(model.out.get(id), "to")),
    part("Among its own pods", own ? [flowButton(own, "within")] : []),
  ];
}

function componentButton(model: Model, name: string): HTMLElement {
  const kind = model.components.get(name)?.type ?? "";
  const go = () => show({ kind: "component", name }, { kind: "component", name });
  const told = `${kind}${model.isStore(name) ? " · stores data" : ""}`;
  return h(
    "div",
    { class: "row" },
    button(name, go, { class: "link", title: clip(name) }),
    h("span", { class: "faint" }, told),
  );
}

function flowButton(edge: Edge, title: string): HTMLElement {
  const go = () => set({ selected: { kind: "edge", from: edge.from, to: edge.to } });
  return h(
    "div",
    { class: "row" },
    button(title, go, { class: "link", title: clip(title) }),
    h("span", { class: "ports" }, clip(ports(edge.ports), 60)),
  );
}

function ofComponent(model: Model, name: string): [string, ...(HTMLElement | null)[]] {
  const component = model.components.get(name);
  const home = model.home(name);
  const look = home ? model.look(home) : "outside";
  const isHere = state.view.kind === "component" && state.view.name === name;
  const go = () => show({ kind: "component", name }, { kind: "component", name });
  const [, ...parts] = model.withParts(name);
  const own = (map: Map<string, Link[]>) => [name, ...parts].flatMap((one) => map.get(one) ?? []);
  const facts = h(
    "dl",
    {},
    ...fact("Type", component?.type ?? "not known"),
    ...fact("Namespace", component?.namespace ?? "of another stack"),
    ...fact("Ports", ports(component?.ports.join(", "))),
    ...fact("Declared at", component?.where ?? ""),
  );
  return [
    name,
    h(
      "p",
      {},
      badge(look, component?.external ? "Of another stack" : LOOK_TITLES[look]),
      model.isStore(name) ? badge("store", "Stores data") : null,
    ),
    facts,
    isHere ? null : button("Show what is linked", go, { class: "primary", "data-key": "focus" }),
    home ? button("Show its namespace", () => show({ kind: "node", id: home }, { kind: "node", id: home })) : null,
    part(
      "Its parts",
      parts.map((one) => componentButton(model, one)),
    ),
    part(
      "Linked from",
      own(model.linksInto).map((link) => linkButton(link, link.from)),
    ),
    part(
      "Links to",
      own(model.linksOut).map((link) => linkButton(link, link.to)),
    ),
  ];
}

function fact(name: string, value: string): HTMLElement[] {
  return value ? [h("dt", {}, name), h("dd", { title: clip(value) }, clip(value, 200))] : [];
}

function linkButton(link: Link, title: string): HTMLElement {
  const go = () => set({ selected: { kind: "link", id: link.id } });
  return h(
    "div",
    { class: "row" },
    button(title, go, { class: "link", title: clip(title) }),
    h("span", { class: "ports" }, clip(ports(link.ports.join(", ")), 60)),
  );
}

function ofEdge(model: Model, from: string, to: string): [string, ...(HTMLElement | null)[]] {
  const edge = model.edge(from, to);
  const difference = state.whatIf?.difference;
  const isSame = (flow: { from: string; to: string }) => flow.from === from && flow.to === to;
  const added = difference?.flows_added.filter(isSame) ?? [];
  const removed = difference?.flows_removed.filter(isSame) ?? [];
  const told = (flows: typeof added, mark: string) =>
    flows.map((flow) =>
      h(
        "p",
        { class: `mark-line ${mark}` },
        `${mark === "added" ? "+ adds" : "− removes"} ${ports(flow.ports.join(", "))} (${clip(flow.sources.join(", "), 160)})`,
      ),
    );
  const ends = [from, to].map((id) =>
    button(label(id), () => show({ kind: "node", id }, { kind: "node", id }), { class: "link" }),
  );
  const allowed = edge?.flows.some((flow) => flow.verdict === "denied")
    ? "declared, and not wholly allowed"
    : "allowed";
  const verdict = !edge
    ? "not declared today"
    : edge.flows.length === 0
      ? "allowed, though nobody declares it"
      : allowed;
  return [
    `${label(from)} → ${label(to)}`,
    h(
      "dl",
      {},
      ...fact("Ports", edge ? ports(edge.ports) : "none"),
      ...fact("Today", model.isDeclaredOnly ? "declared; nothing is enforced" : verdict),
    ),
    ...told(added, "added"),
    ...told(removed, "removed"),
    ...(edge?.flows ?? []).map((flow) => behind(model, flow)),
    h("section", {}, h("h3", {}, "Ends"), h("ul", { class: "plain" }, ...ends.map((end) => h("li", {}, end)))),
  ];
}

/** A declared flow behind an edge: what declares it, and the policies that let it through. */
function behind(model: Model, flow: Flow): HTMLElement {
  const sources = flow.sources.map((source) => {
    const link = model.links.get(source);
    return link
      ? button(source, () => set({ selected: { kind: "link", id: source } }), { class: "link", title: clip(source) })
      : named(source);
  });
  const own = h("p", { class: "faint" }, "Pods of one namespace may talk among themselves.");
  return h(
    "section",
    { class: "flow" },
    h(
      "h3",
      {},
      ports(flow.ports.join(", ")),
      flow.verdict === "denied" ? h("span", { class: "mark removed" }, "refused") : null,
    ),
    h("h4", {}, "Declared by"),
    sources.length > 0 ? h("ul", { class: "plain" }, ...sources.map((source) => h("li", {}, source))) : own,
    flow.allowed_by.length > 0 ? h("h4", {}, count(flow.allowed_by.length, "policy", "policies")) : null,
    h("ul", { class: "plain code" }, ...flow.allowed_by.map((policy) => h("li", {}, named(policy)))),
  );
}

function ofLink(model: Model, id: string): [string, ...(HTMLElement | null)[]] {
  const link = model.links.get(id);
  if (!link) return [id];
  const [from, to] = [model.home(link.from), model.home(link.to)];
  const edge = from && to ? model.edge(from, to) : undefined;
  const flows = (edge?.flows ?? []).filter((flow) => flow.sources.includes(id));
  const ends = [link.from, link.to].map((name) => componentButton(model, name));
  return [
    `${link.from} → ${link.to}`,
    h("dl", {}, ...fact("Link", link.id), ...fact("Type", link.type), ...fact("Ports", ports(link.ports.join(", ")))),
    part("Ends", ends),
    ...flows.map((flow) => behind(model, flow)),
    flows.length === 0 ? h("p", { class: "faint" }, "No flow between namespaces rests on it.") : null,
  ];
}
