// The `mermaid` package, with as much of a browser as it needs.

import { JSDOM } from 'jsdom';

export const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document, CSSStyleSheet: window.CSSStyleSheet });
for (const name of ['Element', 'SVGElement', 'HTMLElement', 'Node', 'DOMParser', 'XMLSerializer']) {
  globalThis[name] = window[name];
}
// Nothing is laid out here, so everything has the same size.
const box = () => ({ x: 0, y: 0, width: 100, height: 20, top: 0, left: 0, right: 100, bottom: 20 });
window.Element.prototype.getBoundingClientRect = box;
window.SVGElement.prototype.getBBox = box;
window.SVGElement.prototype.getComputedTextLength = () => 100;

// After the browser is there, since the package looks for it when it is imported.
export const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false });
