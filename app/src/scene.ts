// What a view of the map shows: its nodes and lines, before anything is drawn.

import type { Edge, Link } from "./data";
import { type Layout, type Member, banded, inColumns, ringed, tiled } from "./layout";
import { LOOK_TITLES, type Look, type Model, type Pair, SMALL, ZONES, key, label, ports } from "./model";
import type { State } from "./state";

/** How many nodes one column of neighbours holds. */
const COLUMN = 24;

export interface SceneNode {
  id: string;
  title: string;
  detail: string;
  look: Look;
  /** Whether all that is in it stores data. */
  isStore: boolean;
  shape: "node" | "component" | "group" | "more";
  /** For a group, its size. */
  count?: number;
}

export interface SceneEdge extends Pair {
  mark?: "added" | "removed";
  /** How many flows it stands for. */
  weight: number;
}

export interface Scene {
  nodes: Map<string, SceneNode>;
  edges: SceneEdge[];
  layout: Layout;
  /** Whether lines carry their ports always, or only where one looks. */
  labels: boolean;
  title: string;
  notes: string[];
  centre?: string;
}

const BANDS: Look[] = [...ZONES, "managed", "unmanaged"];

/** The scene of the state, on `width`. */
export function scene(state: State, model: Model, width: number): Scene {
  const { view } = state;
  if (view.kind === "node") return around(state, model, view.id, width);
  if (view.kind === "component") return linked(state, model, view.name, width);
  if (view.kind === "group") return grouped(model, view.group, width);
  if (view.kind === "changes" && state.whatIf) return changes(state, model, width);
  return model.managed > SMALL ? groups(state, model, width) : overview(state, model, width);
}

function nodeOf(model: Model, id: string): SceneNode {
  const node = model.nodes.get(id);
  const stores = node?.data_stores.length ?? 0;
  return {
    id,
    title: label(id),
    detail: model.holds(id),
    look: model.look(id),
    isStore: stores > 0 && stores === node?.components.length,
    shape: "node",
  };
}

function componentOf(model: Model, name: string): SceneNode {
  const component = model.components.get(name);
  const home = model.home(name);
  return {
    id: name,
    title: name,
    detail: component?.type ?? "",
    look: home ? model.look(home) : "outside",
    isStore: model.isStore(name),
    shape: "component",
  };
}

function edgeOf(edge: Edge): SceneEdge {
  return { from: edge.from, to: edge.to, label: ports(edge.ports), weight: 1 };
}

/** The lines of `edges`, with what a what-if adds to them and takes away. */
function marked(state: State, model: Model, edges: SceneEdge[]): SceneEdge[] {
  const difference = state.whatIf?.difference;
  if (!difference) return edges;
  const all = new Map(edges.map((edge) => [`${edge.from}\n${edge.to}`, edge]));
  const mark = (flows: { from: string; to: string; ports: string[] }[], as: "added" | "removed") => {
    for (const flow of flows) {
      const id = `${flow.from}\n${flow.to}`;
      const known = all.get(id) ?? { from: flow.from, to: flow.to, label: "", weight: 1 };
      const isNew = as === "added" && !model.edge(flow.from, flow.to);
      all.set(id, { ...known, label: ports(flow.ports.join(", ")), mark: isNew || as === "removed" ? as : "added" });
    }
  };
  mark(difference.flows_added, "added");
  mark(difference.flows_removed, "removed");
  return [...all.values()];
}

function commonNotes(model: Model): string[] {
  return model.common.map((one) => `Not drawn: every namespace may reach ${label(one.to)} on ${ports(one.ports)}.`);
}

function overview(state: State, model: Model, width: number): Scene {
  const edges = marked(state, model, model.drawn().map(edgeOf)).filter((edge) => edge.from !== edge.to);
  const used = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
  const ids = [...model.nodes.values()].filter((node) => node.policies || model.isDeclaredOnly || used.has(node.id));
  const all = new Set([...ids.map((node) => node.id), ...used]);
  return {
    ...bandsOf(model, [...all], edges, width),
    labels: false,
    title: "All namespaces",
    notes: commonNotes(model),
  };
}

function bandsOf(model: Model, ids: string[], edges: SceneEdge[], width: number) {
  const nodes = new Map(ids.map((id) => [id, nodeOf(model, id)]));
  const members: Member[] = ids.map((id) => ({ id, band: nodes.get(id)?.look ?? "managed" }));
  const bands = (["outside", ...BANDS] as Look[]).map((look) => ({ id: look, title: LOOK_TITLES[look], look }));
  return { nodes, edges, layout: banded(members, edges, bands, width) };
}

function changes(state: State, model: Model, width: number): Scene {
  const edges = marked(state, model, []);
  const ids = [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))];
  return { ...bandsOf(model, ids, edges, width), labels: true, title: "Flows that come and go", notes: [] };
}

/** The group that a node of a large stack belongs to: its zone, or else what it mostly is. */
export function groupOf(model: Model, id: string): string {
  const look = model.look(id);
  if (look === "outside" || look === "unmanaged") return look;
  if (model.map.zones_stated) return look;
  const [first] = model.nodes.get(id)?.components ?? [];
  return `type:${(first && model.components.get(first)?.type) ?? "none"}`;
}

/** How many kinds of components have a group of their own. */
const TYPES = 11;

/** The groups of a large stack with their members, the largest first. */
export function groupsOf(model: Model): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const put = (group: string, id: string) => groups.set(group, [...(groups.get(group) ?? []), id]);
  const sizes = new Map<string, string[]>();
  for (const id of model.nodes.keys()) {
    const group = groupOf(model, id);
    const list = sizes.get(group);
    if (list) list.push(id);
    else sizes.set(group, [id]);
  }
  const sorted = [...sizes].sort(([, a], [, b]) => b.length - a.length);
  sorted.forEach(([group, ids], index) => {
    if (group.startsWith("type:") && index >= TYPES) ids.forEach((id) => put("type:others", id));
    else groups.set(group, ids);
  });
  return groups;
}

export function groupTitle(group: string): string {
  if (group === "unmanaged") return "Without policies";
  if (group === "type:others") return "Other types";
  if (group.startsWith("type:")) return group.slice(5);
  return LOOK_TITLES[group as Look] ?? group;
}

function groups(state: State, model: Model, width: number): Scene {
  const members = groupsOf(model);
  const at = new Map([...members].flatMap(([group, ids]) => ids.map((id) => [id, group] as const)));
  const sums = new Map<string, SceneEdge>();
  for (const edge of model.drawn()) {
    const [from, to] = [at.get(edge.from) ?? "outside", at.get(edge.to) ?? "outside"];
    if (from === to) continue;
    const sum = sums.get(`${from}\n${to}`) ?? { from, to, label: "", weight: 0 };
    sum.weight += 1;
    sum.label = `${sum.weight.toLocaleString("en")} pairs`;
    sums.set(`${from}\n${to}`, sum);
  }
  const nodes = new Map([...members].map(([group, ids]) => [group, groupNode(model, group, ids)]));
  const layout = ringed([...nodes.keys()], width, { width: 168, height: 92 });
  const by = model.map.zones_stated ? "zone" : "type";
  const notes = [`${model.managed.toLocaleString("en")} namespaces, grouped by ${by}. Open a group to see them.`];
  if (state.whatIf) notes.push("What the what-if changes is listed beside the map.");
  const title = "Groups of namespaces";
  return { nodes, edges: [...sums.values()], layout, labels: false, title, notes: [...notes, ...commonNotes(model)] };
}

function groupNode(model: Model, group: string, ids: string[]): SceneNode {
  const isStore = ids.every((id) => nodeOf(model, id).isStore);
  const look = group.startsWith("type:") ? "managed" : (group as Look);
  const noun = group === "outside" ? "ends" : "namespaces";
  const detail = `${ids.length.toLocaleString("en")} ${noun}`;
  return { id: group, title: groupTitle(group), detail, look, isStore, shape: "group", count: ids.length };
}

function grouped(model: Model, group: string, width: number): Scene {
  const degree = (id: string) => (model.out.get(id)?.length ?? 0) + (model.into.get(id)?.length ?? 0);
  const ids = [...(groupsOf(model).get(group) ?? [])].sort((a, b) => degree(b) - degree(a) || a.localeCompare(b));
  const nodes = new Map(ids.map((id) => [id, nodeOf(model, id)]));
  const notes = [
    `${ids.length.toLocaleString("en")} in this group, those with the most flows first. Open one to see them.`,
  ];
  return { nodes, edges: [], layout: tiled(ids, width), labels: false, title: groupTitle(group), notes };
}

interface Around {
  node: (id: string) => SceneNode;
  into: (id: string) => SceneEdge[];
  out: (id: string) => SceneEdge[];
  isOurs: (id: string) => boolean;
}

function around(state: State, model: Model, id: string, width: number): Scene {
  const own = (list: Edge[] | undefined) => (list ?? []).filter((edge) => edge.from !== edge.to).map(edgeOf);
  const drawnBeyond = (at: string) => (edge: SceneEdge) => {
    const known = model.edge(edge.from, edge.to);
    return at === id || !known || !model.isCommon(known);
  };
  const changed = marked(state, model, []);
  const merged = (edges: SceneEdge[], extra: SceneEdge[]) => {
    const all = new Map(edges.map((edge) => [`${edge.from}\n${edge.to}`, edge]));
    for (const edge of extra) all.set(`${edge.from}\n${edge.to}`, edge);
    return [...all.values()];
  };
  const found: Around = {
    node: (at) => nodeOf(model, at),
    into: (at) =>
      merged(
        own(model.into.get(at)),
        changed.filter((edge) => edge.to === at),
      ).filter(drawnBeyond(at)),
    isOurs: (at) => model.isDeclaredOnly || (model.nodes.get(at)?.policies ?? false),
    out: (at) =>
      merged(
        own(model.out.get(at)),
        changed.filter((edge) => edge.from === at),
      ).filter(drawnBeyond(at)),
  };
  return neighbours(state, found, id, width, `${label(id)} and what may talk to it`);
}

function linked(state: State, model: Model, name: string, width: number): Scene {
  const lines = (at: string, links: (one: string) => Link[] | undefined, end: "from" | "to"): SceneEdge[] => {
    const merged = new Map<string, { edge: SceneEdge; ports: Set<string> }>();
    for (const link of model.withParts(at).flatMap((one) => links(one) ?? [])) {
      const [from, to] = end === "from" ? [at, link.to] : [link.from, at];
      const known = merged.get(key(from, to)) ?? { edge: { from, to, label: "", weight: 1 }, ports: new Set() };
      for (const port of link.ports) known.ports.add(port);
      known.edge.label = ports([...known.ports].join(", "));
      merged.set(key(from, to), known);
    }
    return [...merged.values()].map((one) => one.edge).filter((edge) => edge.from !== edge.to);
  };
  const found: Around = {
    node: (at) => componentOf(model, at),
    into: (at) => lines(at, (one) => model.linksInto.get(one), "to"),
    isOurs: () => true,
    out: (at) => lines(at, (one) => model.linksOut.get(one), "from"),
  };
  return neighbours(state, found, name, width, `${name} and what is linked to it`);
}

/** The columns around `id`: callers of callers, callers, itself, what it calls, what that calls. */
function neighbours(state: State, found: Around, id: string, width: number, title: string): Scene {
  const nodes = new Map([[id, found.node(id)]]);
  const edges = new Map<string, SceneEdge>();
  const columns: string[][] = [[id]];
  const notes: string[] = [];
  const grow = (side: "into" | "out") => {
    let edge: string[] = [id];
    for (let step = 1; step <= state.distance; step += 1) {
      const next: string[] = [];
      let left = 0;
      // Nothing is known of what a place without policies passes on.
      for (const at of edge.filter((one) => step === 1 || found.isOurs(one))) {
        for (const line of found[side](at)) {
          const other = side === "into" ? line.from : line.to;
          if (!nodes.has(other)) {
            if (next.length >= COLUMN) {
              left += 1;
              continue;
            }
            nodes.set(other, found.node(other));
            next.push(other);
          }
          edges.set(`${line.from}\n${line.to}`, line);
        }
      }
      if (left > 0) notes.push(`${left.toLocaleString("en")} more at distance ${step}: the list has them.`);
      if (next.length === 0) break;
      if (side === "into") columns.unshift(next);
      else columns.push(next);
      edge = next;
    }
  };
  grow("out");
  grow("into");
  const layout = inColumns(columns, width);
  return { nodes, edges: [...edges.values()], layout, labels: state.distance === 1, title, notes, centre: id };
}
