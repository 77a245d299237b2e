// A what-if: tried on the server through the host, kept nowhere but here.

import { STATUS } from "./controls";
import type { Change, ControlChange, FlowChange, Numbers } from "./data";
import { button, clip, h, say } from "./dom";
import type { Host } from "./host";
import { label, ports } from "./model";
import { set, show, state } from "./state";

/** Asks what `changes` would do, and shows it everywhere. */
export async function tryOut(host: Host, changes: Change[], words: string): Promise<void> {
  const stack = state.model?.map.stack;
  if (!stack) return;
  set({ busy: `Trying ${words} …`, error: undefined });
  try {
    const difference = await host.whatIf(stack, changes);
    if (state.model?.map.stack !== stack) return;
    set({ busy: undefined, whatIf: { changes, difference } });
    say(`What-if: ${difference.controls_gained.length} controls gained, ${difference.controls_lost.length} lost`);
  } catch (error) {
    set({ busy: undefined, error: error instanceof Error ? error.message : String(error) });
  }
}

export function whatIfView(): HTMLElement | undefined {
  if (!state.whatIf) return undefined;
  const { difference } = state.whatIf;
  const flows = difference.flows_added.length + difference.flows_removed.length;
  const changes = difference.changes.map((one) => h("li", {}, clip(one, 200)));
  const end = button(
    "End the what-if",
    () => set({ whatIf: undefined, ...(state.view.kind === "changes" ? { view: { kind: "overview" } } : {}) }),
    { class: "quiet", "data-key": "end" },
  );
  const see = flows > 0 ? button("Show on the map", () => show({ kind: "changes" }), { "data-key": "see" }) : null;
  return h(
    "section",
    { class: "what-if", "aria-label": "What-if" },
    h(
      "div",
      { class: "panel-head" },
      h("h2", {}, "What-if: nothing is kept"),
      h("div", { class: "buttons" }, see, end),
    ),
    h(
      "details",
      { class: "changes" },
      h(
        "summary",
        {},
        `${changes.length === 1 ? clip(difference.changes[0] ?? "", 160) : `${changes.length} changes`}`,
      ),
      h("ul", {}, ...changes),
    ),
    h(
      "div",
      { class: "deltas" },
      delta(
        "Shown by the stack",
        difference.before.technical_evidence_percent,
        difference.after.technical_evidence_percent,
      ),
      delta("Answered for by people", difference.before.completion_percent, difference.after.completion_percent),
      unknown(difference.before, difference.after),
    ),
    h(
      "div",
      { class: "columns" },
      group(
        "Controls gained",
        difference.controls_gained_total ?? difference.controls_gained.length,
        difference.controls_gained.map(controlLine),
      ),
      group(
        "Controls lost",
        difference.controls_lost_total ?? difference.controls_lost.length,
        difference.controls_lost.map(controlLine),
      ),
      group("Flows added", difference.flows_added_total ?? difference.flows_added.length, difference.flows_added.map(flowLine)),
      group("Flows removed", difference.flows_removed_total ?? difference.flows_removed.length, difference.flows_removed.map(flowLine)),
      group(
        "Policies added",
        difference.policies_added_total ?? difference.policies_added.length,
        difference.policies_added.map(policyLine),
      ),
      group(
        "Policies removed",
        difference.policies_removed_total ?? difference.policies_removed.length,
        difference.policies_removed.map(policyLine),
      ),
    ),
  );
}

function delta(title: string, before: number | undefined, after: number | undefined): HTMLElement {
  const [from, to] = [before ?? 0, after ?? 0];
  const way = to > from ? "up" : to < from ? "down" : "same";
  const told = way === "same" ? `${to} %` : `${from} % → ${to} %`;
  return h("div", { class: `delta ${way}` }, h("span", { class: "faint" }, title), h("b", {}, told));
}

function unknown(before: Numbers, after: Numbers): HTMLElement {
  const isSame = before.unknown === after.unknown;
  const told = isSame ? String(after.unknown) : `${before.unknown} → ${after.unknown}`;
  return h("div", { class: "delta" }, h("span", { class: "faint" }, "Not known"), h("b", {}, told));
}

function group(title: string, total: number, lines: HTMLElement[]): HTMLElement {
  const rest = total - Math.min(lines.length, 12);
  const more = rest > 0 ? h("li", { class: "faint" }, `and ${rest} more`) : null;
  const body =
    total === 0 ? h("p", { class: "faint" }, "None") : h("ul", { class: "plain" }, ...lines.slice(0, 12), more);
  return h("div", {}, h("h3", {}, `${title} `, h("span", { class: "faint" }, String(total))), body);
}

function controlLine(one: ControlChange): HTMLElement {
  const open = button(one.id, () => set({ tab: "controls", control: { id: one.id }, selected: undefined }), {
    class: "link",
  });
  return h("li", { title: clip(one.because) }, open, ` ${STATUS[one.from].title} → ${STATUS[one.to].title}`);
}

function flowLine(one: FlowChange): HTMLElement {
  const title = `${label(one.from)} → ${label(one.to)}`;
  const open = button(
    title,
    () => set({ tab: "map", selected: { kind: "edge", from: one.from, to: one.to }, control: undefined }),
    { class: "link", title: clip(title) },
  );
  return h("li", {}, open, h("span", { class: "ports" }, ` ${ports(one.ports.join(", "))}`));
}

function policyLine(name: string): HTMLElement {
  return h("li", { class: "code", title: clip(name) }, clip(name, 90));
}
