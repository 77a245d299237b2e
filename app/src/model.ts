// A stack's map, with what the views look up in it: who talks to whom, which zone, which links.

import type { Component, Edge, Link, MapNode, StackMap, Zone } from "./data";

export const ZONES: Zone[] = ["cde", "connected", "security_impacting", "out_of_scope"];

export const ZONE_TITLES: Record<Zone, string> = {
  cde: "CDE: account data",
  connected: "Connected to the CDE",
  security_impacting: "Security-impacting",
  out_of_scope: "Out of scope",
};

/** How a node is drawn, and where it belongs: its zone, or what it is without one. */
export type Look = Zone | "managed" | "unmanaged" | "outside";

export const LOOK_TITLES: Record<Look, string> = {
  ...ZONE_TITLES,
  managed: "Namespace with policies, zone not stated",
  unmanaged: "Namespace without policies",
  outside: "Outside the cluster",
};

/** More namespaces than this are first shown in groups. */
export const SMALL = 60;

const LABELS: Record<string, string> = {
  internet: "Internet",
  "load-balancer": "Load balancer",
  "api-server": "API server",
  "node-local-dns": "Node-local DNS",
  "private-addresses": "Private addresses",
};

/** What people call the end `id`. */
export function label(id: string): string {
  if (id.startsWith("ns:")) return id.slice(3);
  return LABELS[id] ?? id;
}

export interface Common {
  to: string;
  ports: string;
}

export interface Pair {
  from: string;
  to: string;
  label: string;
}

export class Model {
  readonly nodes = new Map<string, MapNode>();
  readonly components = new Map<string, Component>();
  /** Edges by their ends. */
  private readonly byEnds = new Map<string, Edge>();
  readonly out = new Map<string, Edge[]>();
  readonly into = new Map<string, Edge[]>();
  readonly linksOut = new Map<string, Link[]>();
  readonly linksInto = new Map<string, Link[]>();
  readonly links = new Map<string, Link>();
  /** What every namespace may reach alike: said once, not drawn. */
  readonly common: Common[];
  readonly managed: number;
  /** Whether nothing is enforced, so that edges are what links declare. */
  readonly isDeclaredOnly: boolean;

  constructor(readonly map: StackMap) {
    for (const node of map.nodes) this.nodes.set(node.id, node);
    for (const component of map.components) this.components.set(component.name, component);
    for (const link of map.links) {
      this.links.set(link.id, link);
      push(this.linksOut, link.from, link);
      push(this.linksInto, link.to, link);
    }
    this.isDeclaredOnly = map.edges.length === 0 && map.note !== undefined;
    if (this.isDeclaredOnly) map.edges = this.edgesOfLinks();
    for (const edge of map.edges) {
      this.byEnds.set(key(edge.from, edge.to), edge);
      push(this.out, edge.from, edge);
      push(this.into, edge.to, edge);
    }
    this.managed = map.nodes.filter((node) => node.policies).length;
    this.common = this.commonly();
  }

  /** What links declare between namespaces, where there are no policies to show. */
  private edgesOfLinks(): Edge[] {
    const edges = new Map<string, Edge>();
    for (const link of this.map.links) {
      const [from, to] = [this.home(link.from), this.home(link.to)];
      if (!from || !to) continue;
      const edge = edges.get(key(from, to)) ?? { from, to, ports: "", flows: [] };
      edge.flows.push({ ports: link.ports, sources: [link.id], allowed_by: [], verdict: "allowed" });
      const ports = new Set([...(edge.ports ? edge.ports.split(", ") : []), ...link.ports]);
      edge.ports = [...ports].join(", ");
      edges.set(key(from, to), edge);
    }
    return [...edges.values()];
  }

  private commonly(): Common[] {
    const reached = new Map<string, { common: Common; times: number }>();
    for (const edge of this.map.edges) {
      if (!this.nodes.get(edge.from)?.policies || this.nodes.get(edge.to)?.policies || !edge.ports) continue;
      const id = `${edge.to}\n${edge.ports}`;
      const known = reached.get(id) ?? { common: { to: edge.to, ports: edge.ports }, times: 0 };
      known.times += 1;
      reached.set(id, known);
    }
    if (this.managed < 2) return [];
    return [...reached.values()].filter((one) => one.times === this.managed).map((one) => one.common);
  }

  isCommon(edge: Edge): boolean {
    return this.common.some((common) => common.to === edge.to && common.ports === edge.ports);
  }

  edge(from: string, to: string): Edge | undefined {
    return this.byEnds.get(key(from, to));
  }

  /** The edges that are drawn: not within one end, and not what all have alike. */
  drawn(): Edge[] {
    return this.map.edges.filter((edge) => edge.from !== edge.to && !this.isCommon(edge));
  }

  /** The component and its parts, by name: what is linked to a part is linked to it. */
  withParts(name: string): string[] {
    return [name, ...[...this.components.keys()].filter((one) => one.startsWith(`${name}/`))];
  }

  /** The links from `from` or a part of it to `to` or a part of that. */
  linksBetween(from: string, to: string): Link[] {
    const ends = new Set(this.withParts(to));
    return this.withParts(from).flatMap((one) => (this.linksOut.get(one) ?? []).filter((link) => ends.has(link.to)));
  }

  /** The node that the component `name` runs in. */
  home(name: string): string | undefined {
    const id = `ns:${this.components.get(name)?.namespace ?? ""}`;
    return this.nodes.has(id) ? id : undefined;
  }

  look(id: string): Look {
    const node = this.nodes.get(id);
    if (!node) return id.startsWith("ns:") ? "managed" : "outside";
    if (node.kind !== "namespace") return node.kind === "other_namespaces" ? "unmanaged" : "outside";
    if (!node.policies && !this.isDeclaredOnly) return "unmanaged";
    return node.zone ?? "managed";
  }

  isStore(name: string): boolean {
    const owner = name.split("/")[0] ?? name;
    const home = this.home(name);
    return home !== undefined && (this.nodes.get(home)?.data_stores.includes(owner) ?? false);
  }

  /** A few words on what the node holds. */
  holds(id: string): string {
    const node = this.nodes.get(id);
    if (!node || node.kind !== "namespace") return "";
    const [only] = node.components;
    if (node.components.length === 1 && only) return this.components.get(only)?.type ?? only;
    return node.components.length === 0
      ? node.policies
        ? "no component"
        : "not of this stack"
      : `${node.components.length} components`;
  }
}

function push<V>(map: Map<string, V[]>, at: string, value: V): void {
  const list = map.get(at);
  if (list) list.push(value);
  else map.set(at, [value]);
}

export function key(from: string, to: string): string {
  return `${from}\n${to}`;
}

/** Ports as people read them: TCP goes without saying. */
export function ports(text: string | undefined): string {
  return (text ?? "refused").replaceAll("/TCP", "") || "port not known";
}
