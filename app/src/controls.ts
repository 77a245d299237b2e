// The controls: a row of the heat map for each requirement, a cell for each control, told apart by sign and colour.

import type { ControlEntry, Requirement, Status } from "./data";
import { button, clip, h } from "./dom";
import type { Model } from "./model";
import { set, state } from "./state";

export const STATUS: Record<Status, { sign: string; title: string }> = {
  evidenced: { sign: "✓", title: "Evidenced" },
  supported: { sign: "+", title: "Supported" },
  partial: { sign: "◐", title: "Partial" },
  gap: { sign: "✕", title: "Gap" },
  unknown: { sign: "?", title: "Not known" },
  manual: { sign: "✎", title: "For people to judge" },
  attested: { sign: "★", title: "Attested" },
  inherited: { sign: "↗", title: "Inherited" },
  not_applicable: { sign: "–", title: "Not applicable" },
  superseded: { sign: "·", title: "Superseded" },
};

/** The control that the tabulator key comes to. */
let reached = "";

/** The heat map; on little room with `panel` below the row of the control that it is of. */
export function controlsView(model: Model, panel?: HTMLElement): HTMLElement {
  const all = model.map.requirements.flatMap((one) => one.controls);
  const rows = model.map.requirements.map((one) => row(one, panel));
  const keys = "Arrow keys move between controls, Enter opens one.";
  return h(
    "section",
    { class: "controls-view", "aria-label": "Controls" },
    filters(all),
    h(
      "div",
      { class: "heat", role: "group", "aria-label": `Controls by requirement. ${keys}`, keydown: keyed },
      ...rows,
    ),
  );
}

function filters(all: ControlEntry[]): HTMLElement {
  const counts = new Map<Status, number>();
  for (const one of all) counts.set(one.status, (counts.get(one.status) ?? 0) + 1);
  const chips = (Object.keys(STATUS) as Status[])
    .filter((status) => counts.has(status))
    .map((status) => {
      const isOn = state.status === status;
      const { sign, title } = STATUS[status];
      return h(
        "button",
        {
          type: "button",
          class: "chip",
          "aria-pressed": isOn ? "true" : "false",
          "data-key": `chip ${status}`,
          click: () => set({ status: isOn ? undefined : status }),
        },
        h("span", { class: `cell status-${status}`, "aria-hidden": "true" }, sign),
        `${title} `,
        h("b", {}, String(counts.get(status))),
      );
    });
  return h("div", { class: "chips", role: "group", "aria-label": "Show only" }, ...chips);
}

function row(one: Requirement, panel: HTMLElement | undefined): HTMLElement {
  const isOpen = state.requirement === one.requirement;
  const title = `${one.requirement}. ${one.title}`;
  const open = () => set({ requirement: isOpen ? undefined : one.requirement });
  const attributes = {
    class: "link row-title",
    title,
    "aria-expanded": isOpen ? "true" : "false",
    "data-key": `row ${one.requirement}`,
  };
  const head = button(title, open, attributes);
  return h(
    "div",
    { class: "heat-row" },
    h(
      "div",
      { class: "heat-head" },
      head,
      h("span", { class: "faint" }, `${standing(one)} of ${one.controls.length} stand`),
    ),
    h("div", { class: "cells" }, ...one.controls.map(cell)),
    one.controls.some((control) => control.id === state.control?.id) ? panel : null,
    isOpen ? table(one) : null,
  );
}

const STANDS: Status[] = ["evidenced", "supported", "attested", "inherited"];

function standing(one: Requirement): number {
  return one.controls.filter((control) => STANDS.includes(control.status)).length;
}

/** What a what-if makes of the control, if anything. */
function moved(id: string): { to: Status; way: "gained" | "lost" } | undefined {
  const difference = state.whatIf?.difference;
  const gained = difference?.controls_gained.find((one) => one.id === id);
  if (gained) return { to: gained.to, way: "gained" };
  const lost = difference?.controls_lost.find((one) => one.id === id);
  return lost ? { to: lost.to, way: "lost" } : undefined;
}

function cell(control: ControlEntry): HTMLElement {
  if (!reached) reached = control.id;
  const change = moved(control.id);
  const status = change?.to ?? control.status;
  const told = change ? `, ${change.way} by the what-if: now ${STATUS[status].title}` : "";
  const isQuiet = state.status !== undefined && state.status !== control.status;
  return h(
    "button",
    {
      type: "button",
      class: `cell status-${status}${change ? ` ${change.way}` : ""}${isQuiet ? " off" : ""}`,
      tabindex: control.id === reached ? 0 : -1,
      title: `${control.id} ${control.title}`,
      "aria-label": `${control.id} ${control.title}: ${STATUS[control.status].title}${told}`,
      "aria-current": state.control?.id === control.id ? "true" : undefined,
      "data-key": `control ${control.id}`,
      click: () => {
        reached = control.id;
        set({ control: { id: control.id } });
      },
    },
    STATUS[status].sign,
  );
}

function table(one: Requirement): HTMLElement {
  const shown = one.controls.filter((control) => !state.status || control.status === state.status);
  const rows = shown.map((control) =>
    h(
      "tr",
      {},
      h(
        "td",
        {},
        button(control.id, () => set({ control: { id: control.id } }), {
          class: "link",
          "data-key": `entry ${control.id}`,
        }),
      ),
      h("td", {}, clip(control.title)),
      h(
        "td",
        {},
        h("span", { class: `cell status-${control.status}`, "aria-hidden": "true" }, STATUS[control.status].sign),
        ` ${STATUS[control.status].title}`,
      ),
      h("td", { class: "number" }, String(control.missing)),
    ),
  );
  const heads = ["Control", "What it asks", "Status", "Missing"].map((text) => h("th", { scope: "col" }, text));
  return h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
}

function keyed(event: Event): void {
  const { key, target } = event as KeyboardEvent;
  const at = (target as Element).closest<HTMLElement>(".cells > .cell");
  const cells = at?.parentElement;
  if (!at || !cells || !key.startsWith("Arrow")) return;
  event.preventDefault();
  const own = [...cells.children] as HTMLElement[];
  const rows = [...document.querySelectorAll(".cells")];
  const index = own.indexOf(at);
  const next = () => {
    if (key === "ArrowLeft") return own[index - 1];
    if (key === "ArrowRight") return own[index + 1];
    const other = rows[rows.indexOf(cells) + (key === "ArrowDown" ? 1 : -1)];
    return other?.children[Math.min(index, other.children.length - 1)] as HTMLElement | undefined;
  };
  const to = next();
  if (!to) return;
  at.tabIndex = -1;
  to.tabIndex = 0;
  reached = to.dataset["key"]?.slice(8) ?? reached;
  to.focus();
}
