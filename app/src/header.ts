// Which stack this is, where it stands in three numbers, and the two ways to look at it.

import type { StackMap, StackRow } from "./data";
import { button, clip, h, named } from "./dom";
import type { Host } from "./host";
import { searchField } from "./search";
import { set, state } from "./state";

export interface Choice {
  stacks: StackRow[];
  /** Why some can't be read. */
  unreadable: string[];
  choose: (stack: string) => void;
  reload: () => void;
}

const LEVELS: Record<string, string> = { none: "none", standard: "standard", pci_dss_strict: "strict" };

export function header(host: Host, choice: Choice): HTMLElement {
  const map = state.model?.map;
  const title = map ? named(map.system_name, "title") : h("span", { class: "title" }, "PCI DSS");
  const level = map
    ? h("span", { class: "faint" }, `level ${LEVELS[map.level] ?? map.level}${map.demo ? ", the demo" : ""}`)
    : null;
  const grow = host.canGrow
    ? button(host.isGrown ? "Smaller" : "Full screen", () => void host.grow(), { class: "quiet" })
    : null;
  return h(
    "header",
    {},
    h(
      "div",
      { class: "top" },
      h("h1", {}, title),
      level,
      chooser(choice),
      h("span", { class: "grow" }),
      button("Read anew", choice.reload, { class: "quiet", "data-key": "reload" }),
      grow,
    ),
    map ? numbers(map) : null,
    map ? h("div", { class: "bar" }, tabs(), searchField) : null,
    ...notices(choice),
  );
}

function chooser(choice: Choice): HTMLElement | null {
  const { stacks } = choice;
  if (stacks.length < 2 && (state.model || stacks.length === 0)) return null;
  const own = state.model?.map.stack;
  const options = stacks.map((one) =>
    h("option", { value: one.stack, selected: one.stack === own }, clip(one.system_name, 60)),
  );
  if (!own) options.unshift(h("option", { value: "", selected: true }, "Choose a stack"));
  const change = (event: Event) => choice.choose((event.target as HTMLSelectElement).value);
  return h(
    "label",
    { class: "stack" },
    h("span", { class: "unseen" }, "Stack"),
    h("select", { change, "data-key": "stack" }, ...options),
  );
}

function numbers(map: StackMap): HTMLElement {
  const now = state.whatIf?.difference.after ?? map.numbers;
  const percent = (value: number | undefined) => (value === undefined ? "–" : `${value} %`);
  const one = (value: string, title: string, detail: string) =>
    h("div", { class: "figure" }, h("b", {}, value), h("span", {}, title), h("span", { class: "faint" }, detail));
  const proof = map.proof_holds ? "exactly what is declared" : "NOT what is declared";
  const flows = map.note ? "nothing enforced" : proof;
  return h(
    "div",
    { class: "figures" },
    one(
      percent(now.technical_evidence_percent),
      "shown by the stack",
      `${now.technical_points} of ${now.technical_total} points`,
    ),
    one(
      percent(now.completion_percent),
      "answered for by people",
      `${now.completion_done} of ${now.completion_total} controls`,
    ),
    one(String(now.unknown), "not known", `${now.manual} wait for people`),
    one(map.note ? "Open" : map.proof_holds ? "Proven" : "Fails", "policies allow", flows),
  );
}

function tabs(): HTMLElement {
  const tab = (id: "map" | "controls", title: string) => {
    const isOn = state.tab === id;
    return h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${id}`,
        "aria-selected": isOn ? "true" : "false",
        "aria-controls": "view",
        tabindex: isOn ? 0 : -1,
        "data-key": `tab ${id}`,
        click: () => set({ tab: id }),
        keydown: (event) => {
          if (!["ArrowLeft", "ArrowRight"].includes((event as KeyboardEvent).key)) return;
          set({ tab: id === "map" ? "controls" : "map" });
          document.getElementById(`tab-${state.tab}`)?.focus();
        },
      },
      title,
    );
  };
  return h(
    "div",
    { class: "segments tabs", role: "tablist", "aria-label": "View" },
    tab("map", "Flow map"),
    tab("controls", "Controls"),
  );
}

function notices(choice: Choice): HTMLElement[] {
  const told: [string, string][] = [];
  const map = state.model?.map;
  if (state.error) told.push(["problem", state.error]);
  if (map?.stale) told.push(["problem", `This is of earlier files: the newest can't be used. ${map.stale}`]);
  if (map?.note) told.push(["notice", map.note]);
  if (map && !map.zones_stated) {
    told.push([
      "notice",
      "The profile does not say where account data is, so no zone is known: all counts as the CDE.",
    ]);
  }
  for (const why of choice.unreadable) told.push(["problem", `A stack can't be read: ${why}`]);
  if (state.busy) told.push(["notice", state.busy]);
  return told.map(([kind, text]) =>
    h("p", { class: kind, role: kind === "problem" ? "alert" : "status" }, clip(text, 600)),
  );
}
