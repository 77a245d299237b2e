// The host that opened the page: the only way to the server. The page itself has no network.

import {
  App,
  applyDocumentTheme,
  applyHostStyleVariables,
  type McpUiHostContext,
} from "@modelcontextprotocol/ext-apps";

import type { Change, Difference, Gap, Gaps, Stacks } from "./data";

/** How many pages of one answer are asked for at most. */
const PAGES = 60;

/** What the tool that opened the page was asked, and answered. */
export interface Opened {
  tool?: string;
  arguments: Record<string, unknown>;
  fields: Record<string, unknown>;
}

export class Host {
  private readonly app = new App(
    { name: "pci-compliance-app", version: "1" },
    { availableDisplayModes: ["inline", "fullscreen"] },
  );
  private readonly gapsOf = new Map<string, Promise<Gap[]>>();

  /** Connects, and says what opened the page, now and whenever the host says more. */
  async connect(opened: (opened: Opened) => void, changed: () => void): Promise<void> {
    const known: Opened = { arguments: {}, fields: {} };
    const tell = () => {
      const tool = this.app.getHostContext()?.toolInfo?.tool.name;
      opened(tool === undefined ? known : { ...known, tool });
    };
    this.app.ontoolinput = (input) => {
      known.arguments = input.arguments ?? {};
      tell();
    };
    this.app.ontoolresult = (result) => {
      known.fields = (result.structuredContent as Record<string, unknown> | undefined) ?? {};
      tell();
    };
    this.app.onhostcontextchanged = (context) => {
      this.dress(context);
      changed();
    };
    this.app.onteardown = () => ({});
    await this.app.connect();
    this.dress(this.app.getHostContext());
    tell();
  }

  private dress(context: McpUiHostContext | undefined): void {
    if (context?.theme) applyDocumentTheme(context.theme);
    if (context?.styles?.variables) applyHostStyleVariables(context.styles.variables);
    const insets = context?.safeAreaInsets;
    if (insets) document.body.style.padding = `${insets.top}px ${insets.right}px ${insets.bottom}px ${insets.left}px`;
    document.documentElement.dataset["mode"] = context?.displayMode ?? "inline";
  }

  /** Whether the host can show the page on the whole screen. */
  get canGrow(): boolean {
    return this.app.getHostContext()?.availableDisplayModes?.includes("fullscreen") ?? false;
  }

  get isGrown(): boolean {
    return this.app.getHostContext()?.displayMode === "fullscreen";
  }

  async grow(): Promise<void> {
    await this.app.requestDisplayMode({ mode: this.isGrown ? "inline" : "fullscreen" });
  }

  async read<T>(uri: string): Promise<T> {
    if (!this.app.getHostCapabilities()?.serverResources) {
      throw new Error("this host passes no resources of the server on, and the page has no other way to them");
    }
    const { contents } = await this.app.readServerResource({ uri });
    const [content] = contents;
    if (!content || !("text" in content)) throw new Error(`there is nothing at ${uri}`);
    return JSON.parse(content.text as string) as T;
  }

  stacks(): Promise<Stacks> {
    return this.read<Stacks>("pci://stacks");
  }

  async call<T>(name: string, args: Record<string, unknown>): Promise<T> {
    const result = await this.app.callServerTool({ name, arguments: args });
    if (result.isError || !result.structuredContent) {
      const [first] = result.content;
      throw new Error(first?.type === "text" ? first.text : `${name} gave no answer`);
    }
    return result.structuredContent as T;
  }

  /** The gaps of a requirement, each with the changes that close it. Asked for once. */
  gaps(stack: string, requirement: number): Promise<Gap[]> {
    const id = `${stack}\n${requirement}`;
    const known = this.gapsOf.get(id);
    if (known) return known;
    const asked = this.allGaps(stack, requirement);
    this.gapsOf.set(id, asked);
    asked.catch(() => this.gapsOf.delete(id));
    return asked;
  }

  private async allGaps(stack: string, requirement: number): Promise<Gap[]> {
    const gaps: Gap[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const args = { stack, requirement, detail: "full", ...(cursor ? { cursor } : {}) };
      const answer = await this.call<Gaps>("pci_compliance_gaps", args);
      gaps.push(...answer.gaps);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return gaps;
  }

  /** What `changes` would do, with all flows that come and go. */
  async whatIf(stack: string, changes: Change[]): Promise<Difference> {
    const whole = await this.call<Difference>("what_if", { stack, changes, detail: "full" });
    let cursor = whole.next_cursor;
    for (let page = 1; cursor && page < PAGES; page += 1) {
      const more = await this.call<Difference>("what_if", { stack, changes, detail: "full", cursor });
      whole.flows_added.push(...more.flows_added);
      whole.flows_removed.push(...more.flows_removed);
      cursor = more.next_cursor;
    }
    return whole;
  }

  /** Forgets what was asked, for files that may have changed. */
  forget(): void {
    this.gapsOf.clear();
  }
}

/** A resource of the stack. */
export function uri(stack: string, ...parts: string[]): string {
  return `pci://${[stack, ...parts].map((part) => encodeURIComponent(part)).join("/")}`;
}
