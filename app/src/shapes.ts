// The shapes by which zones, peers and stores are told apart, besides their colours: double boxes hold account data, round
// ones are connected, slanted ones guard, plain ones are out of scope, dashed ones have no policies, hexagons are outside
// the cluster, cylinders store data.

import { s } from "./dom";
import type { Look } from "./model";

interface Box {
  width: number;
  height: number;
}

function polygon(points: [number, number][]): SVGElement {
  return s("polygon", { class: "shape", points: points.map((point) => point.join(",")).join(" ") });
}

function box(size: Box, round: number, inset = 0, className = "shape"): SVGElement {
  const [width, height] = [size.width - 2 * inset, size.height - 2 * inset];
  return s("rect", { class: className, x: inset, y: inset, width, height, rx: round });
}

/** A cylinder, whole. */
export function cylinder({ width, height }: Box): SVGElement {
  const lid = Math.min(5, height / 5);
  const half = width / 2;
  const body = `M0 ${lid}A${half} ${lid} 0 0 1 ${width} ${lid}V${height - lid}A${half} ${lid} 0 0 1 0 ${height - lid}Z`;
  return s(
    "g",
    {},
    s("path", { class: "shape", d: body }),
    s("path", { class: "shape line", d: `M0 ${lid}A${half} ${lid} 0 0 0 ${width} ${lid}` }),
  );
}

/** A small cylinder, for what stores data within a box. */
export function storeMark(x: number, y: number): SVGElement {
  return s(
    "g",
    { class: "store", transform: `translate(${x} ${y})`, "aria-hidden": "true" },
    s("path", { d: "M0 2.5A5 2.5 0 0 1 10 2.5V10A5 2.5 0 0 1 0 10Z" }),
    s("path", { class: "lid", d: "M0 2.5A5 2.5 0 0 0 10 2.5" }),
  );
}

/** The outline of something that looks so. */
export function outline(look: Look, size: Box): SVGElement {
  const { width, height } = size;
  const slant = 9;
  switch (look) {
    case "cde":
      return s("g", {}, box(size, 3), box(size, 1, 3, "shape line"));
    case "connected":
      return box(size, 12);
    case "security_impacting":
      return polygon([
        [slant, 0],
        [width, 0],
        [width - slant, height],
        [0, height],
      ]);
    case "outside": {
      const middle = height / 2;
      return polygon([
        [slant, 0],
        [width - slant, 0],
        [width, middle],
        [width - slant, height],
        [slant, height],
        [0, middle],
      ]);
    }
    case "unmanaged":
      return box(size, 12);
    case "out_of_scope":
    case "managed":
      return box(size, 3);
  }
}
