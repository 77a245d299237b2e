// One control: what shows it, what is missing, and the change that closes it, to be tried.

import { STATUS } from "./controls";
import type { Change, Control, Evidence, Gap, Missing, Place } from "./data";
import { button, clip, h, named, say } from "./dom";
import { type Host, uri } from "./host";
import { part } from "./panel";
import { set, state } from "./state";
import { tryOut } from "./whatif";

/** How many changes a what-if takes. */
const MOST = 50;

export function controlPanel(host: Host): HTMLElement | undefined {
  const open = state.control;
  if (!open || !state.model) return undefined;
  if (!open.read && !open.error) void load(host, open.id);
  const entry = state.model.map.requirements.flatMap((one) => one.controls).find((one) => one.id === open.id);
  const close = button("Close", () => set({ control: undefined }), { class: "quiet", "data-key": "close control" });
  const head = h("div", { class: "panel-head" }, h("h2", {}, `${open.id} ${clip(entry?.title ?? "", 160)}`), close);
  const body = open.error
    ? [h("p", { class: "problem" }, clip(open.error))]
    : open.read
      ? content(host, open.read, open.gap)
      : [h("p", { class: "faint" }, "Reading …")];
  return h("aside", { class: "panel", "aria-label": `Control ${open.id}` }, head, ...body);
}

async function load(host: Host, id: string): Promise<void> {
  const stack = state.model?.map.stack ?? "";
  const isStill = () => state.control?.id === id && state.model?.map.stack === stack;
  try {
    const read = await host.read<Control>(uri(stack, "control", id));
    if (!isStill()) return;
    // Of what stands, nothing is to be closed.
    const isOpen = !["evidenced", "supported", "attested", "inherited", "not_applicable", "superseded"].includes(
      read.status,
    );
    set({ control: { id, read, ...(isOpen ? {} : { gap: null }) } });
    say(`${id}: ${STATUS[read.status].title}`);
    if (!isOpen) return;
    const gaps = await host.gaps(stack, read.requirement);
    const gap = gaps.find((one) => one.control === id) ?? gaps.find((one) => one.closes.includes(id)) ?? null;
    if (isStill()) set({ control: { id, read, gap } });
  } catch (error) {
    if (isStill()) set({ control: { id, error: error instanceof Error ? error.message : String(error) } });
  }
}

function content(host: Host, control: Control, gap: Gap | null | undefined): (HTMLElement | null)[] {
  const { sign, title } = STATUS[control.status];
  const status = h(
    "p",
    { class: "status-line" },
    h("span", { class: `cell status-${control.status}`, "aria-hidden": "true" }, sign),
    ` ${title}`,
  );
  const milestone = control.milestone ? h("span", { class: "faint" }, ` · milestone ${control.milestone}`) : null;
  if (milestone) status.append(milestone);
  return [
    status,
    part("What is missing", together(control.missing).map(missing)),
    closing(host, control, gap),
    part("What shows it", (control.evidence ?? []).map(evidence)),
    words("What people show", control.asks),
    words("Still examined by", control.remaining_methods?.join(", ")),
    words("Rests on, unconfirmed", control.conditional_on?.join(", ")),
    words("Note", control.note),
  ];
}

function words(title: string, text: string | undefined): HTMLElement | null {
  return text ? h("section", {}, h("h3", {}, title), h("p", {}, clip(text, 1200))) : null;
}

function place(at: Place | undefined): HTMLElement | null {
  if (!at) return null;
  const text = [at.file, at.line, at.column].filter((one) => one !== undefined).join(":");
  return h("div", { class: "place", title: clip(text) }, clip(text, 120));
}

function evidence(one: Evidence): HTMLElement {
  const kind = h("span", { class: "kind" }, one.kind);
  return h("div", {}, kind, named(one.subject, "subject"), h("div", {}, clip(one.says, 600)), place(one.place));
}

/** What lacks the same, together. */
function together(all: Missing[]): Missing[][] {
  const sorts = new Map<string, Missing[]>();
  for (const one of all) sorts.set(one.what, [...(sorts.get(one.what) ?? []), one]);
  return [...sorts.values()];
}

function missing(sort: Missing[]): HTMLElement {
  const decides = sort.some((one) => one.decides) ? h("span", { class: "kind" }, "decides") : null;
  const subjects = sort.slice(0, 20).map((one) => h("li", {}, named(one.subject, "subject"), place(one.where)));
  const rest = sort.length - subjects.length;
  const more = rest > 0 ? h("li", { class: "faint" }, `and ${rest} more`) : null;
  return h("div", {}, decides, clip(sort[0]?.what ?? "", 600), h("ul", { class: "plain subjects" }, ...subjects, more));
}

/** A change in the form in which it is written down. */
export function changeText(change: Change): string {
  const { op, ...fields } = change;
  const told = Object.entries(fields).map(
    ([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${op} { ${told.join(", ")} }`;
}

function closing(host: Host, control: Control, gap: Gap | null | undefined): HTMLElement | null {
  if (gap === null) return null;
  const heading = h("h3", {}, "What closes it");
  if (gap === undefined) return h("section", {}, heading, h("p", { class: "faint" }, "Looking for the change …"));
  const listed = gap.change
    .slice(0, 12)
    .map((change) => h("li", { title: clip(changeText(change)) }, clip(changeText(change), 260)));
  const rest = gap.change.length - listed.length;
  const more = rest > 0 ? h("li", { class: "faint" }, `and ${rest} more`) : null;
  const isTried = state.whatIf?.changes === gap.change;
  const start = () => void tryOut(host, gap.change, `the change that closes ${control.id}`);
  const tryIt = button(isTried ? "Tried: see above" : "Try it", start, {
    class: "primary",
    disabled: isTried,
    "data-key": "try",
  });
  const tooMany = h(
    "p",
    { class: "faint" },
    `A what-if takes ${MOST} changes at most, and these are ${gap.change.length}.`,
  );
  const others = gap.closes.filter((id) => id !== control.id);
  return h(
    "section",
    {},
    heading,
    gap.change.length > 0 ? h("ol", { class: "code changes" }, ...listed, more) : null,
    ...(gap.advice ?? []).map((advice) => h("p", {}, clip(advice, 800))),
    others.length > 0 ? h("p", { class: "faint" }, `Closes ${clip(others.join(", "), 300)} too.`) : null,
    gap.change.length === 0 ? null : gap.change.length > MOST ? tooMany : tryIt,
  );
}
