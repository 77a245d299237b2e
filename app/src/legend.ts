// What shapes, colours and lines of the map mean.

import { h, s } from "./dom";
import { LOOK_TITLES, type Look, type Model } from "./model";
import { cylinder, outline } from "./shapes";
import { state } from "./state";

const SIZE = { width: 30, height: 16 };

function entry(picture: SVGElement, text: string): HTMLElement {
  const svg = s("svg", { width: 34, height: 20, viewBox: "-2 -2 34 20", "aria-hidden": "true" }, picture);
  return h("li", {}, svg, text);
}

function looks(look: Look): HTMLElement {
  return entry(s("g", { class: `node look-${look}` }, outline(look, SIZE)), LOOK_TITLES[look]);
}

function line(className: string, text: string): HTMLElement {
  const path = s("path", { class: "line", d: "M0 8H26" });
  return entry(
    s("g", { class: `edge ${className}` }, path, s("path", { class: "head", d: "M24 4L31 8L24 12Z" })),
    text,
  );
}

/** The legend of what `model` has: no sign that nothing bears. */
export function legend(model: Model): HTMLElement {
  const borne = new Set([...model.nodes.keys()].map((id) => model.look(id)));
  const known: Look[] = ["cde", "connected", "security_impacting", "out_of_scope", "managed", "unmanaged", "outside"];
  const all = known.filter((look) => borne.has(look));
  const store = s("g", { class: "node look-store" }, cylinder({ width: 22, height: 16 }));
  const changed = state.whatIf ? [line("added", "Added by the what-if"), line("removed", "Removed by it")] : [];
  const lines = [
    line("", model.isDeclaredOnly ? "Declared, from the caller" : "May talk, from the caller"),
    ...changed,
  ];
  return h(
    "details",
    { class: "legend", open: window.innerWidth > 700 },
    h("summary", {}, "Legend"),
    h("ul", {}, ...all.map(looks), entry(store, "Stores data"), ...lines),
  );
}
