// One chart: it parses, keeps the limits, and Mermaid reads nothing but the nodes, edges and classes that stand there.

import { mermaid, window } from './mermaid.mjs';

const MOST_EDGES = 500;
const MOST_CHARACTERS = 50_000;
const CLASSES = ['cde', 'connected', 'guarding', 'managed', 'outside', 'refused', 'unmanaged'];

/** How many failures there were. */
export let wrong = 0;

export function fail(what, detail) {
  wrong += 1;
  console.log(`WRONG  ${what}: ${detail}`);
}

/** The charts of a page, and the page without them. */
export function split(page) {
  const charts = [];
  const rest = page.replace(/^```mermaid\n(.*?)^```$/gms, (_, chart) => (charts.push(chart), ''));
  return { charts, rest };
}

export async function check(what, chart) {
  const edges = (chart.match(/^ {2}n\d+ (?:-- ".*" -->|-\. ".*" \.-x) n\d+$/gm) ?? []).length;
  const nodes = (chart.match(/^ {2}n\d+(?:\[|\(|\{|>).*:::[a-z]+$/gm) ?? []).length;
  if (edges > MOST_EDGES) fail(what, `${edges} edges, more than ${MOST_EDGES}`);
  if (chart.length > MOST_CHARACTERS) fail(what, `${chart.length} characters, more than ${MOST_CHARACTERS}`);
  let parsed, db;
  try {
    parsed = await mermaid.parse(chart);
    db = (await mermaid.mermaidAPI.getDiagramFromText(chart)).db;
  } catch (error) {
    return fail(what, `does not parse: ${error.message}\n${chart.slice(0, 2000)}`);
  }
  const equal = (name, found, wanted) => {
    if (String(found) !== String(wanted)) fail(what, `${name}: Mermaid reads ${found}, the text has ${wanted}`);
  };
  const vertices = [...db.getVertices().values()];
  equal('kind of chart', parsed.diagramType, 'flowchart-v2');
  equal('directives', Object.keys(parsed.config ?? {}).length, 0);
  equal('lines', chart.trimEnd().split('\n').length, 1 + nodes + edges + CLASSES.length);
  equal('nodes', vertices.length, nodes);
  equal('edges', db.getEdges().length, edges);
  equal('classes', [...db.getClasses().keys()].sort(), CLASSES);
  equal('subgraphs', db.getSubGraphs().length, 0);
  equal('title', db.getDiagramTitle() ?? '', '');
  for (const vertex of vertices) {
    if (!/^n\d+$/.test(vertex.id)) fail(what, `a node named ${vertex.id}`);
    if (vertex.link || vertex.haveCallback || db.getTooltip(vertex.id)) fail(what, `${vertex.id} can be clicked`);
  }
  return edges;
}

/** The lines of each label of a drawn chart, after a check of what the labels are made of. */
export function drawnLabels(what, svg) {
  const page = new window.DOMParser().parseFromString(svg, 'text/html');
  for (const element of page.querySelectorAll('*')) {
    const tag = element.tagName.toLowerCase();
    if (['script', 'a', 'img', 'iframe', 'image', 'i', 'em', 'strong', 'del', 'ul', 'ol', 'math'].includes(tag)) {
      fail(what, `a <${tag}> is drawn: ${element.outerHTML.slice(0, 200)}`);
    }
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name) || /javascript:/i.test(value)) fail(what, `an attribute ${name}="${value}" is drawn`);
    }
  }
  const lines = new Set();
  for (const label of page.querySelectorAll('.nodeLabel')) {
    for (const line of label.innerHTML.replace(/<\/?p>/g, '').split(/<br\s*\/?>/)) {
      const holder = page.createElement('span');
      holder.innerHTML = line;
      lines.add(holder.textContent);
    }
  }
  return lines;
}
