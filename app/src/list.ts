// The map as a table: every flow of what is shown, for whoever reads rather than looks.

import type { Edge, Link } from "./data";
import { button, clip, count, h, named } from "./dom";
import { type Model, label, ports } from "./model";
import { groupsOf } from "./scene";
import { set, state } from "./state";

/** How many rows are shown at once. */
const ROWS = 200;

let filter = "";
let most = ROWS;

interface Row {
  from: string;
  to: string;
  ports: string;
  by: string;
  policies: number;
  mark: string;
  open: () => void;
}

export function list(model: Model): HTMLElement {
  const rows = rowsOf(model);
  const body = h("tbody");
  const total = h("p", { class: "notes", role: "status" });
  const more = button("Show more", () => {
    most += ROWS;
    fill();
  });
  const fill = () => {
    const wanted = filter.trim().toLowerCase();
    const found = rows.filter((row) => `${row.from} ${row.to} ${row.ports} ${row.by}`.toLowerCase().includes(wanted));
    body.replaceChildren(...found.slice(0, most).map(rowElement));
    total.textContent = `${count(found.length, "flow")}${found.length > most ? `, the first ${most} shown` : ""}`;
    more.hidden = found.length <= most;
  };
  const input = h("input", {
    type: "search",
    placeholder: "Filter the list",
    "aria-label": "Filter the list",
    value: filter,
    input: (event) => {
      filter = (event.target as HTMLInputElement).value;
      most = ROWS;
      fill();
    },
  });
  fill();
  const heads = ["From", "To", "Ports", "Declared by", "Policies", ""].map((text) => {
    return h("th", { scope: "col" }, text || h("span", { class: "unseen" }, "Details"));
  });
  const table = h("table", {}, h("thead", {}, h("tr", {}, ...heads)), body);
  const scroll = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Flows" }, table);
  return h("div", { class: "list" }, input, total, scroll, more);
}

function rowElement(row: Row): HTMLElement {
  const mark = row.mark ? h("span", { class: `mark ${row.mark}` }, row.mark) : null;
  const words = `Details of ${clip(row.from, 80)} to ${clip(row.to, 80)}`;
  return h(
    "tr",
    {},
    h("td", {}, named(row.from)),
    h("td", {}, named(row.to)),
    h("td", { class: "ports" }, clip(row.ports, 120)),
    h("td", {}, mark, named(row.by)),
    h("td", { class: "number" }, String(row.policies)),
    h(
      "td",
      {},
      button("Details", row.open, {
        class: "link",
        "aria-label": words,
        "data-key": `row ${row.from} ${row.to}`.slice(0, 300),
      }),
    ),
  );
}

function rowsOf(model: Model): Row[] {
  const { view } = state;
  if (view.kind === "component") return linkRows(model, view.name);
  const marks = new Map<string, string>();
  const difference = state.whatIf?.difference;
  difference?.flows_added.forEach((flow) => marks.set(`${flow.from}\n${flow.to}`, "added"));
  difference?.flows_removed.forEach((flow) => marks.set(`${flow.from}\n${flow.to}`, "removed"));
  const within = view.kind === "group" ? new Set(groupsOf(model).get(view.group)) : undefined;
  const isShown = (edge: Edge) => {
    if (view.kind === "node") return edge.from === view.id || edge.to === view.id;
    if (view.kind === "changes") return marks.has(`${edge.from}\n${edge.to}`);
    return !within || within.has(edge.from) || within.has(edge.to);
  };
  const known = model.map.edges.filter(isShown).map((edge) => row(edge, marks.get(`${edge.from}\n${edge.to}`) ?? ""));
  const isNew = (flow: { from: string; to: string }) => !model.edge(flow.from, flow.to);
  const fresh = difference?.flows_added.filter(isNew).map((flow): Row => {
    const edge = {
      ...flow,
      ports: flow.ports.join(", "),
      flows: [{ ...flow, allowed_by: [], verdict: "allowed" as const }],
    };
    return row(edge, "added");
  });
  return [...(fresh ?? []), ...known];
}

function row(edge: Edge, mark: string): Row {
  const sources = new Set(edge.flows.flatMap((flow) => flow.sources));
  return {
    from: label(edge.from),
    to: label(edge.to),
    ports: ports(edge.ports),
    by: [...sources].join(", ") || (edge.from === edge.to ? "its own namespace" : "nobody"),
    policies: new Set(edge.flows.flatMap((flow) => flow.allowed_by)).size,
    mark,
    open: () => set({ selected: { kind: "edge", from: edge.from, to: edge.to } }),
  };
}

function linkRows(model: Model, name: string): Row[] {
  const links = [...(model.linksInto.get(name) ?? []), ...(model.linksOut.get(name) ?? [])];
  const policies = (link: Link) => {
    const [from, to] = [model.home(link.from), model.home(link.to)];
    const edge = from && to ? model.edge(from, to) : undefined;
    const flows = edge?.flows.filter((flow) => flow.sources.includes(link.id)) ?? [];
    return new Set(flows.flatMap((flow) => flow.allowed_by)).size;
  };
  return links.map((link) => ({
    from: link.from,
    to: link.to,
    ports: ports(link.ports.join(", ")),
    by: link.type,
    policies: policies(link),
    mark: "",
    open: () => set({ selected: { kind: "link", id: link.id } }),
  }));
}
