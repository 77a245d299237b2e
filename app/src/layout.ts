// Where things stand. Callers left, what they call right: dagre says in which column and in which order, and the zones are
// bands across all columns, so that they are seen at once and text stays as large as it is written.

import { Graph, layout as dagre } from "@dagrejs/dagre";

import type { Pair } from "./model";

export const NODE = { width: 136, height: 40 };
/** On less than this, nodes are narrower, so that two stand side by side. */
const NARROW = 420;
const GAP = { x: 52, y: 10 };
const BAND = { top: 26, bottom: 12, between: 10 };

export interface Placed {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Band {
  title: string;
  look: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  nodes: Map<string, Placed>;
  bands: Band[];
  width: number;
  height: number;
  /** Where lines bend to, if nodes stand around something. */
  centre?: Point;
}

interface Point {
  x: number;
  y: number;
}

export interface Member {
  id: string;
  band: string;
}

interface Rank {
  column: number;
  order: number;
}

/** Column and order of each, as dagre layers them. */
function ranked(ids: string[], pairs: Pair[]): Map<string, Rank> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", ranksep: 100, nodesep: 1, ranker: "network-simplex", acyclicer: "greedy" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of ids) graph.setNode(id, { width: 1, height: 1 });
  for (const pair of pairs) if (graph.hasNode(pair.from) && graph.hasNode(pair.to)) graph.setEdge(pair.from, pair.to);
  dagre(graph);
  const xs = [...new Set(ids.map((id) => Math.round(graph.node(id).x ?? 0)))].sort((a, b) => a - b);
  return new Map(
    ids.map((id) => {
      const node = graph.node(id);
      return [id, { column: xs.indexOf(Math.round(node.x ?? 0)), order: node.y ?? 0 }];
    }),
  );
}

/** Columns for `members` of a band: near their rank, and none much longer than the others. */
function spread(members: string[], ranks: Map<string, Rank>, columns: number, last: number): string[][] {
  const cells: string[][] = Array.from({ length: columns }, () => []);
  const most = Math.ceil(members.length / columns) + (members.length > columns ? 1 : 0);
  const wanted = (id: string) => Math.round(((ranks.get(id)?.column ?? 0) / Math.max(last, 1)) * (columns - 1));
  const sorted = [...members].sort((a, b) => (ranks.get(a)?.order ?? 0) - (ranks.get(b)?.order ?? 0));
  for (const id of sorted) {
    const want = wanted(id);
    const near = [...cells.keys()].sort((a, b) => Math.abs(a - want) - Math.abs(b - want) || b - a);
    const free = near.find((column) => (cells[column]?.length ?? 0) < most) ?? want;
    cells[free]?.push(id);
  }
  return cells;
}

/** `members` in bands, in the order of `bands`, on at most `width`. */
export function banded(
  members: Member[],
  pairs: Pair[],
  bands: { id: string; title: string; look: string }[],
  width: number,
  wanted = NODE,
): Layout {
  const size = width < NARROW ? { ...wanted, width: Math.min(wanted.width, 136, (width - 50) / 2) } : wanted;
  const ids = members.map((member) => member.id);
  const ranks = ranked(ids, pairs);
  const last = Math.max(0, ...[...ranks.values()].map((rank) => rank.column));
  const fitting = Math.max(1, Math.floor((width - 24 + GAP.x / 2) / (size.width + GAP.x / 2)));
  const columns = Math.min(fitting, Math.max(last + 1, 2), 8);
  const room = columns > 1 ? (width - 24 - columns * size.width) / (columns - 1) : 0;
  const gap = Math.max(GAP.x / 2, Math.min(room, GAP.x * 2));
  const whole = 24 + columns * size.width + (columns - 1) * gap;
  const placed: Layout = { nodes: new Map(), bands: [], width: whole, height: 0 };
  let y = 0;
  for (const band of bands) {
    const own = members.filter((member) => member.band === band.id).map((member) => member.id);
    if (own.length === 0) continue;
    const cells = spread(own, ranks, columns, last);
    const rows = Math.max(...cells.map((cell) => cell.length));
    const height = BAND.top + rows * size.height + (rows - 1) * GAP.y + BAND.bottom;
    placed.bands.push({ title: band.title, look: band.look, x: 0, y, width: whole, height });
    cells.forEach((cell, column) => {
      const free = (rows - cell.length) * (size.height + GAP.y);
      cell.forEach((id, row) => {
        const at = { x: 12 + column * (size.width + gap), y: y + BAND.top + free / 2 + row * (size.height + GAP.y) };
        placed.nodes.set(id, { id, ...at, ...size });
      });
    });
    y += height + BAND.between;
  }
  placed.height = Math.max(0, y - BAND.between);
  return placed;
}

/** Columns of names: what calls the middle to its left, what it calls to its right. */
export function inColumns(columns: string[][], width: number, size = NODE): Layout {
  const placed: Layout = { nodes: new Map(), bands: [], width: 0, height: 0 };
  const room = columns.length > 1 ? (width - columns.length * size.width) / (columns.length - 1) : 0;
  const gap = Math.max(78, Math.min(room, 150));
  const step = size.height + GAP.y + 4;
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  columns.forEach((column, index) => {
    const top = ((tallest - column.length) * step) / 2;
    column.forEach((id, row) => {
      placed.nodes.set(id, { id, x: index * (size.width + gap), y: top + row * step, ...size });
    });
  });
  placed.width = columns.length * size.width + (columns.length - 1) * gap;
  placed.height = tallest * step;
  return placed;
}

/** Names one after the other in rows. */
export function tiled(ids: string[], width: number, size = NODE): Layout {
  const placed: Layout = { nodes: new Map(), bands: [], width: 0, height: 0 };
  // Wider than high, as the map is.
  const columns = Math.max(1, Math.floor(width / (size.width + GAP.y)), Math.ceil(Math.sqrt(ids.length / 2.2)));
  ids.forEach((id, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    placed.nodes.set(id, { id, x: column * (size.width + GAP.y), y: row * (size.height + GAP.y), ...size });
  });
  placed.width = Math.min(columns, ids.length) * (size.width + GAP.y);
  placed.height = Math.ceil(ids.length / columns) * (size.height + GAP.y);
  return placed;
}

/** Few and large, around a centre, so that a line from each to each can be seen; on little room in rows. */
export function ringed(ids: string[], width: number, size: { width: number; height: number }): Layout {
  const height = 490;
  if (width < 700 || ids.length < 4) {
    const rows = tiled(ids, width, { ...size, width: Math.min(size.width, (width - 12) / 2) });
    return { ...rows, centre: { x: rows.width / 2, y: rows.height / 2 } };
  }
  const placed: Layout = { nodes: new Map(), bands: [], width, height, centre: { x: width / 2, y: height / 2 } };
  ids.forEach((id, index) => {
    const angle = (index / ids.length) * 2 * Math.PI - Math.PI / 2;
    const x = (width - size.width) * (0.5 + Math.cos(angle) * 0.46);
    placed.nodes.set(id, { id, x, y: (height - size.height) * (0.5 + Math.sin(angle) / 2), ...size });
  });
  return placed;
}

const middleOf = (box: Placed): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

/** Where the line from the middle of `box` towards `point` leaves it. */
function border(box: Placed, point: Point): Point {
  const from = middleOf(box);
  const [dx, dy] = [point.x - from.x, point.y - from.y];
  const part = Math.min((box.width / 2 + 3) / Math.abs(dx || 1e-6), (box.height / 2 + 3) / Math.abs(dy || 1e-6), 1);
  return { x: from.x + dx * part, y: from.y + dy * part };
}

/** The line from one to the other, bent towards `centre`; the way back runs beside it. */
function chord(from: Placed, to: Placed, centre: Point): Line {
  const [a, b] = [middleOf(from), middleOf(to)];
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const aside = { x: (-(b.y - a.y) / length) * 14, y: ((b.x - a.x) / length) * 14 };
  const bend = (one: number, other: number, to: number) => (one + other) / 2 + (to - (one + other) / 2) * 0.45;
  const control = { x: bend(a.x, b.x, centre.x) + aside.x, y: bend(a.y, b.y, centre.y) + aside.y };
  const [start, end] = [border(from, control), border(to, control)];
  const at = (s: number, c: number, e: number) => s / 4 + c / 2 + e / 4;
  const path = `M${start.x} ${start.y}Q${control.x} ${control.y} ${end.x} ${end.y}`;
  return { path, x: at(start.x, control.x, end.x), y: at(start.y, control.y, end.y) };
}

export interface Line {
  path: string;
  /** Where its label stands. */
  x: number;
  y: number;
}

/** The line from one to the other, from side to side, as a curve. */
export function curve(from: Placed, to: Placed, layout: Layout): Line {
  if (layout.centre) return chord(from, to, layout.centre);
  const [fy, ty] = [from.y + from.height / 2, to.y + to.height / 2];
  if (Math.abs(from.x - to.x) < 1) {
    const x = from.x + from.width;
    const bend = x + 24 + Math.min(60, Math.abs(fy - ty) / 6);
    return { path: `M${x} ${fy}C${bend} ${fy} ${bend} ${ty} ${x + 2} ${ty}`, x: bend - 8, y: (fy + ty) / 2 };
  }
  const isForward = from.x < to.x;
  const fx = isForward ? from.x + from.width : from.x;
  const tx = isForward ? to.x - 2 : to.x + to.width + 2;
  const middle = (fx + tx) / 2;
  // Along a row it would run behind whatever stands between.
  if (layout.bands.length > 0 && Math.abs(fy - ty) < 2 && Math.abs(tx - fx) > from.width) {
    const above = fy - from.height * 0.9;
    return {
      path: `M${fx} ${fy}C${fx + (tx - fx) / 6} ${above} ${tx - (tx - fx) / 6} ${above} ${tx} ${ty}`,
      x: middle,
      y: fy - from.height * 0.68,
    };
  }
  return { path: `M${fx} ${fy}C${middle} ${fy} ${middle} ${ty} ${tx} ${ty}`, x: middle, y: (fy + ty) / 2 };
}
