// Elements, made from values. Whatever a stack calls things goes in as text, never as markup.

export type Child = Node | string | null | undefined | false;
type Handler = (event: Event) => void;
export type Attributes = Record<string, string | number | boolean | undefined | Handler>;

const SVG = "http://www.w3.org/2000/svg";

function filled<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** An element of HTML. Functions among the attributes are listeners, by the names of their events. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(name), attributes, children);
}

/** An element of SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** The longest name that is shown whole anywhere, even in a tooltip. */
const LONGEST = 400;

/** `text` within `most` characters. */
export function clip(text: string, most = LONGEST): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** A name on one line, with the whole of it as its tooltip. */
export function named(text: string, className = "name"): HTMLSpanElement {
  return h("span", { class: className, title: clip(text) }, clip(text));
}

/** A button that says what it does in words. */
export function button(label: string, click: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", click, ...attributes }, clip(label));
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

let live: HTMLElement | undefined;

/** Tells a screen reader what has just changed. */
export function say(text: string): void {
  live ??= document.getElementById("live") ?? undefined;
  if (live) live.textContent = clip(text);
}

/** Runs `draw`, and gives the focus back to what had it, found again by its `data-key`. */
export function keepingFocus(draw: () => void): void {
  const active = document.activeElement;
  const key = active?.getAttribute("data-key");
  draw();
  if (!key || document.activeElement === active) return;
  document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
