// One field that finds namespaces, components and controls by what they are called.

import { clip, h, say } from "./dom";
import { LOOK_TITLES, type Model, label } from "./model";
import { set, show, state } from "./state";

/** How many hits are offered. */
const HITS = 12;

interface Hit {
  title: string;
  detail: string;
  rank: number;
  go: () => void;
}

let hits: Hit[] = [];
let at = 0;
const input = h("input", {
  type: "search",
  role: "combobox",
  "aria-label": "Find a namespace, component or control",
  "aria-expanded": "false",
  "aria-controls": "hits",
  "aria-autocomplete": "list",
  autocomplete: "off",
  placeholder: "Find a namespace, component, control",
  input: () => search(),
  focus: () => search(),
  blur: () => setTimeout(close, 150),
  keydown: (event) => keyed(event as KeyboardEvent),
});
const box = h("ul", { id: "hits", role: "listbox", "aria-label": "Found", hidden: true });

/** The field, always the same one, so that it keeps what is typed. */
export const searchField = h("div", { class: "search" }, input, box);

function found(model: Model, text: string): Hit[] {
  const all: Hit[] = [];
  const rank = (name: string) => {
    const index = name.toLowerCase().indexOf(text);
    return index < 0 ? -1 : index + name.length / 1000;
  };
  const offer = (name: string, detail: string, go: () => void) => {
    const own = rank(name);
    if (own >= 0) all.push({ title: name, detail, rank: own, go });
  };
  for (const id of model.nodes.keys()) {
    offer(label(id), LOOK_TITLES[model.look(id)], () => show({ kind: "node", id }, { kind: "node", id }));
  }
  for (const { name, type } of model.components.values()) {
    offer(name, `component, ${type}`, () => show({ kind: "component", name }, { kind: "component", name }));
  }
  for (const control of model.map.requirements.flatMap((one) => one.controls)) {
    offer(`${control.id} ${control.title}`, "control", () =>
      set({ tab: "controls", control: { id: control.id }, selected: undefined }),
    );
  }
  return all.sort((a, b) => a.rank - b.rank).slice(0, HITS);
}

function search(): void {
  const text = input.value.trim().toLowerCase();
  hits = text && state.model ? found(state.model, text) : [];
  at = 0;
  offerAll(text !== "");
}

function offerAll(isAsked: boolean): void {
  const items = hits.map((hit, index) =>
    h(
      "li",
      {
        id: `hit-${index}`,
        role: "option",
        "aria-selected": index === at ? "true" : "false",
        pointerdown: (event) => {
          event.preventDefault();
          take(hit);
        },
      },
      h("span", { class: "name", title: clip(hit.title) }, clip(hit.title)),
      h("span", { class: "faint" }, hit.detail),
    ),
  );
  const none = h(
    "li",
    { class: "faint", role: "option", "aria-disabled": "true", "aria-selected": "false" },
    "Nothing is called so",
  );
  box.replaceChildren(...(items.length > 0 || !isAsked ? items : [none]));
  box.hidden = !isAsked;
  input.setAttribute("aria-expanded", String(isAsked));
  if (hits.length > 0) input.setAttribute("aria-activedescendant", `hit-${at}`);
  else input.removeAttribute("aria-activedescendant");
  if (isAsked) say(hits.length === 0 ? "Nothing is called so" : `${hits.length} found`);
}

function close(): void {
  box.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function take(hit: Hit): void {
  input.value = "";
  close();
  hit.go();
}

function keyed(event: KeyboardEvent): void {
  const hit = hits[at];
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    at = (at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % Math.max(1, hits.length);
    offerAll(hits.length > 0);
  } else if (event.key === "Enter" && hit) {
    event.preventDefault();
    take(hit);
  } else if (event.key === "Escape") {
    input.value = "";
    close();
  }
}
