// What is shown. One value, changed in one place; whoever draws hears of it.

import type { Change, Control, Difference, Gap } from "./data";
import type { Model } from "./model";

/** What the map is of. */
export type View =
  | { kind: "overview" }
  /** The namespaces of one group of a large stack. */
  | { kind: "group"; group: string }
  /** A namespace or another end, `ns:NAME`, and who is near. */
  | { kind: "node"; id: string }
  /** A component, and what is linked to it. */
  | { kind: "component"; name: string }
  /** What a what-if adds and removes. */
  | { kind: "changes" };

/** What is looked at closely. */
export type Selected =
  | { kind: "node"; id: string }
  | { kind: "edge"; from: string; to: string }
  | { kind: "component"; name: string }
  | { kind: "link"; id: string };

export interface WhatIf {
  changes: Change[];
  difference: Difference;
}

export interface State {
  tab: "map" | "controls";
  isList: boolean;
  view: View;
  distance: 1 | 2;
  selected: Selected | undefined;
  model: Model | undefined;
  /** The control that is open, and what has been read of it. */
  control: { id: string; read?: Control; gap?: Gap | null; error?: string } | undefined;
  requirement: number | undefined;
  /** The one status that the heat map shows, if not all. */
  status: string | undefined;
  whatIf: WhatIf | undefined;
  /** What is being asked of the server, in words. */
  busy: string | undefined;
  error: string | undefined;
}

export const state: State = {
  tab: "map",
  isList: false,
  view: { kind: "overview" },
  distance: 1,
  selected: undefined,
  model: undefined,
  control: undefined,
  requirement: undefined,
  status: undefined,
  whatIf: undefined,
  busy: undefined,
  error: undefined,
};

const listeners: (() => void)[] = [];

export function onChange(listener: () => void): void {
  listeners.push(listener);
}

export function set(change: Partial<State>): void {
  Object.assign(state, change);
  for (const listener of listeners) listener();
}

/** The look at something else: what was selected before is not any more. */
export function show(view: View, selected?: Selected): void {
  set({ tab: "map", view, selected, control: undefined });
}
