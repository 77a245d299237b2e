// Panning and zooming: one transform on one group, set at most once a frame.

import { s } from "./dom";

const ZOOM = { least: 0.12, most: 2.5, step: 1.25 };

export class Viewport {
  readonly svg: SVGSVGElement;
  private x = 0;
  private y = 0;
  private scale = 1;
  private size = { width: 1, height: 1 };
  private content: SVGGElement | undefined;
  private frame = 0;
  /** The width that it was last fitted to. */
  private fitted = 0;
  private moved = 0;
  private readonly pointers = new Map<number, { x: number; y: number }>();

  constructor(label: string) {
    const arrow = s("path", { d: "M0 0L8 4L0 8Z" });
    const marker = { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerUnits: "userSpaceOnUse" };
    const arrows = s("marker", { ...marker, markerWidth: 8, markerHeight: 8, orient: "auto" }, arrow);
    this.svg = s("svg", { class: "map", role: "group", "aria-label": label }, s("defs", {}, arrows));
    this.svg.addEventListener("pointerdown", (event) => this.down(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"] as const) {
      this.svg.addEventListener(end, (event) => this.up(event));
    }
    this.svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    // What ends a drag is no click on what happens to be below.
    this.svg.addEventListener("click", (event) => this.moved > 5 && event.stopPropagation(), { capture: true });
  }

  /** Shows `content`, of this size, from its beginning. */
  put(content: SVGGElement, size: { width: number; height: number }): void {
    this.content?.remove();
    this.content = content;
    this.size = size;
    this.svg.append(content);
    this.fit();
  }

  /** All of it, but never so small that its beginning can't be read. */
  fit(least?: number): void {
    this.settle();
    const { width, height } = this.room();
    least ??= width < 500 ? 0.95 : 0.66;
    const [pad, most] = [width < 500 ? 6 : 16, 1.15];
    const all = Math.min((width - 2 * pad) / this.size.width, (height - 2 * pad) / this.size.height, most);
    this.scale = Math.max(all, Math.min(least, (width - 2 * pad) / this.size.width), Math.min(0.5, least));
    this.fitted = width;
    this.x = Math.max(pad, (width - this.size.width * this.scale) / 2);
    this.y = Math.max(pad, Math.min((height - this.size.height * this.scale) / 2, 48));
    this.apply();
  }

  zoom(factor: number, at?: { x: number; y: number }): void {
    const { width, height } = this.room();
    const point = at ?? { x: width / 2, y: height / 2 };
    const scale = Math.min(ZOOM.most, Math.max(ZOOM.least, this.scale * factor));
    this.x = point.x - ((point.x - this.x) * scale) / this.scale;
    this.y = point.y - ((point.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.apply();
  }

  zoomIn(): void {
    this.zoom(ZOOM.step);
  }

  zoomOut(): void {
    this.zoom(1 / ZOOM.step);
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.apply();
  }

  /** Brings what stands at (`x`, `y`) of the content into sight, if it is not. */
  reveal(box: { x: number; y: number; width: number; height: number }): void {
    const { width, height } = this.room();
    const [left, top] = [this.x + box.x * this.scale, this.y + box.y * this.scale];
    const [right, bottom] = [left + box.width * this.scale, top + box.height * this.scale];
    const off = (start: number, end: number, room: number) =>
      start < 8 ? 8 - start : end > room - 8 ? room - 8 - end : 0;
    this.pan(off(left, right, width), off(top, bottom, height));
  }

  /** As high as what is shown, within limits: on a whole screen the style says how high. */
  private settle(): void {
    const { width } = this.room();
    const isWhole = document.documentElement.dataset["mode"] === "fullscreen";
    const [least, most] = width < 500 ? [320, 440] : [380, 560];
    const wanted = this.size.height * Math.min((width - 32) / this.size.width, 1.15) + 64;
    this.svg.style.height = isWhole ? "" : `${Math.round(Math.min(most, Math.max(least, wanted)))}px`;
  }

  /** Fits anew what is shown, where there is another room for it now. */
  refit(): void {
    const { width } = this.room();
    if (Math.abs(width - this.fitted) > 20) this.fit();
  }

  private room(): { width: number; height: number } {
    return { width: this.svg.clientWidth || 800, height: this.svg.clientHeight || 500 };
  }

  private apply(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.content?.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    });
  }

  private down(event: PointerEvent): void {
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.pointers.size === 1) this.moved = 0;
  }

  /** The click that ends a drag comes right after; what follows later is one again. */
  private up(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    setTimeout(() => (this.moved = 0));
  }

  private move(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this.pointers.set(event.pointerId, now);
    const [other] = others;
    if (other) {
      const apart = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
      const box = this.svg.getBoundingClientRect();
      const at = { x: (now.x + other.x) / 2 - box.x, y: (now.y + other.y) / 2 - box.y };
      this.zoom(apart(now) / apart(before), at);
      this.moved = 99;
      return;
    }
    this.moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (this.moved > 5 && !this.svg.hasPointerCapture(event.pointerId)) this.svg.setPointerCapture(event.pointerId);
    this.pan(now.x - before.x, now.y - before.y);
  }

  /** Plain scrolling stays the page's; with Ctrl, as a pinch on a touchpad is told, it zooms. */
  private wheel(event: WheelEvent): void {
    const isWhole = document.documentElement.dataset["mode"] === "fullscreen";
    if (!event.ctrlKey && !event.metaKey && !isWhole) return;
    event.preventDefault();
    const box = this.svg.getBoundingClientRect();
    this.zoom(Math.exp(-event.deltaY * 0.0025), { x: event.clientX - box.x, y: event.clientY - box.y });
  }
}
