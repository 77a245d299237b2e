#!/usr/bin/env node
// Charts against the program that draws them: the `mermaid` package itself.
//
// usage: charts.mjs [BINARY]
//
// Every chart of network-diagram.md, for every stack under fixtures/, the embedded demo, a generated stack of 1,000
// components with 5 links each, and a hostile stack whose names are Mermaid, Markdown, HTML, quotes, line breaks and
// invisible Unicode: it parses, has at most 500 edges and 50,000 characters, and holds nothing but the nodes, edges and
// classes that stand there, a line each. The hostile charts are drawn too: every label must show the name as it was
// read, with no markup, icon, link or script.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MOST_EDGES = 500;
const MOST_CHARACTERS = 50_000;
const CLASSES = ['cde', 'connected', 'guarding', 'managed', 'outside', 'refused', 'unmanaged'];

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const program = resolve(process.argv[2] ?? process.env.PCM ?? join(root, 'target/release/pci-compliance-mcp'));
if (!existsSync(program)) {
  console.error(`no binary at ${program}: name one as the first argument or in PCM`);
  process.exit(1);
}

// --- Mermaid, with as much of a browser as it needs.

execFileSync(join(here, 'tools'), { stdio: 'inherit' });
const modules = join(root, 'target/checks-npm/node_modules');
const { JSDOM } = createRequire(join(modules, 'any.js'))('jsdom');
const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document, CSSStyleSheet: window.CSSStyleSheet });
for (const name of ['Element', 'SVGElement', 'HTMLElement', 'Node', 'DOMParser', 'XMLSerializer']) {
  globalThis[name] = window[name];
}
// Nothing is laid out here, so everything has the same size.
const box = () => ({ x: 0, y: 0, width: 100, height: 20, top: 0, left: 0, right: 100, bottom: 20 });
window.Element.prototype.getBoundingClientRect = box;
window.SVGElement.prototype.getBBox = box;
window.SVGElement.prototype.getComputedTextLength = () => 100;

const { default: mermaid } = await import(pathToFileURL(join(modules, 'mermaid/dist/mermaid.core.mjs')));
mermaid.initialize({ startOnLoad: false });

// --- What is wrong.

let wrong = 0;
function fail(what, detail) {
  wrong += 1;
  console.log(`WRONG  ${what}: ${detail}`);
}

/** The charts of a page, and the page without them. */
function split(page) {
  const charts = [];
  const rest = page.replace(/^```mermaid\n(.*?)^```$/gms, (_, chart) => (charts.push(chart), ''));
  return { charts, rest };
}

async function check(what, chart) {
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

function generate(stack, level, folder) {
  const run = spawnSync(program, ['generate', ...stack, '--level', level, '--out', folder], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`generate ended with ${run.status}: ${run.stdout}${run.stderr}`);
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  return { page: read('network-diagram.md'), manifest: JSON.parse(read('networkpolicy-manifest.json')) };
}

async function checkStack(name, stack, level = 'pci_dss_strict') {
  const before = wrong;
  const { page, manifest } = generate(stack, level, join(scratch, `out-${folders++}`));
  const { charts, rest } = split(page);
  let most = 0;
  for (const [index, chart] of charts.entries()) {
    most = Math.max(most, (await check(`${name}, chart ${index + 1} of ${charts.length}`, chart)) ?? 0);
  }
  const namespaces = new Set(manifest.policies.map((policy) => policy.namespace));
  if (charts.length < namespaces.size + 1) {
    fail(name, `${charts.length} charts, which can't be an overview and ${namespaces.size} namespaces`);
  }
  if (/```/.test(rest)) fail(name, 'a chart that does not end, or a block that is no chart');
  if (wrong === before) {
    const longest = Math.max(...charts.map((chart) => chart.length));
    console.log(`ok     ${name}: ${charts.length} charts, at most ${most} edges and ${longest} characters`);
  }
  return { charts, rest };
}

// --- A stack whose names are an attack on whoever shows them.

const HOSTILE_NAMES = [
  '"]; click n1 call alert(1)',
  '"]\n  click n1 "javascript:alert(1)"\n  n9["',
  'a\r\n%%{init: {"securityLevel": "loose"}}%%',
  '%% a comment',
  'end;',
  'subgraph x',
  'classDef managed fill:#f00',
  'A --> B & C',
  '|x| :::managed',
  'n1@{ shape: rect, label: "x" }',
  '}} ]) )] ))',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '</p><a href="javascript:alert(1)">x</a>',
  '```\n\n# heading\n\n```mermaid\nflowchart TD',
  '`**bold**`',
  '**bold** and *more*',
  '_em_ and __strong__',
  '~~gone~~',
  '# heading',
  '> quote',
  '1. first',
  '- item',
  '[text](javascript:alert(1))',
  'https://example.org/a',
  'www.example.org',
  'fa:fa-user in front',
  'mdi:home',
  '$$x^2$$',
  '&lt;b&gt; &#60; #60; #quot; &amp;',
  '\u{fb02}\u{b0}\u{b0}60\u{b6}\u{df}b',
  `it's "quoted", 'twice'`,
  'back\\slash \\" \\n',
  '\u{202e}desrever\u{202c} \u{2066}apart\u{2069}',
  'zero\u{200b}width\u{feff}and\u{ad}soft\u{2060}',
  'tag\u{e0041}\u{e0042} and\u{fe0f} \u{3164}filler',
  'line\u{2028}para\u{2029}graph\u{85}next\u{0b}tab\tnull\u{0}',
  'x'.repeat(300),
  '<'.repeat(300),
  '"'.repeat(301),
  '\u{1f600}'.repeat(300),
];
// Namespaces can be no more than DNS labels, some of which are words of Mermaid.
const HOSTILE_NAMESPACES = [
  'end', 'graph', 'flowchart', 'subgraph', 'click', 'style', 'linkstyle', 'classdef', 'class', 'direction', 'default',
  'call', 'href', 'o', 'x', 'v', 'td', 'lr', 'n1', 'n2', 'init', 'title', 'constructor', 'prototype',
  'a'.repeat(63), '0', '1-2', 'b--x', 'c--o',
];
const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/**
 * A name as it is to be shown: what does not show is gone, what is too long for a node is cut, and punctuation that
 * a viewer could take for its own stands in its full width.
 */
function shown(name) {
  const kept = name.replace(INVISIBLE, '').replaceAll('`', "'").trim();
  const wide = (c) => String.fromCodePoint(c.codePointAt(0) + 0xfee0);
  const cut = [...kept].slice(0, 40).join('');
  return cut.replace(/[!-~]/g, (c) => (/[A-Za-z0-9 \-_.,/]/.test(c) ? c : wide(c))).replaceAll('ﬂ', 'fl').replaceAll('°', '˚').replaceAll('¶', '⁋');
}

/** `value` as JSON in ASCII, in the spelling that is YAML too. */
function yaml(value) {
  const hex = (number, width) => number.toString(16).padStart(width, '0');
  const escape = (c) => (c.length > 1 ? `\\U${hex(c.codePointAt(0), 8)}` : `\\u${hex(c.codePointAt(0), 4)}`);
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, escape);
}

function hostileStack() {
  const names = [...HOSTILE_NAMES, ...HOSTILE_NAMESPACES];
  const components = {};
  names.forEach((name, index) => {
    const namespace = HOSTILE_NAMESPACES[index % HOSTILE_NAMESPACES.length];
    const far = names[(index + 1) % names.length];
    components[`key-${index}`] = {
      type: 'fastapi',
      name,
      attributes: { namespace, port: '8000' },
      links_to: { far: { type: '"] --> x', component: { type: 'fastapi', name: far } } },
    };
  });
  const slug = '</title><script>alert(1)</script>\n\n[x](javascript:alert(1)) ```mermaid %%{init: {}}%%';
  return yaml({ default_context: { project_slug: slug, components } });
}

/** The lines of each label of a drawn chart, after a check of what the labels are made of. */
function drawnLabels(what, svg) {
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

async function checkHostile() {
  const what = 'hostile names';
  const file = join(scratch, 'stack-metadata.yaml');
  writeFileSync(file, hostileStack());
  const { charts, rest } = await checkStack(what, ['--stack', file]);
  const before = wrong;
  for (const chart of charts) {
    const stray = chart.match(/<(?!br\/>)|%%|^\s*(?:click|subgraph|style|linkStyle|direction)\b|javascript:/im);
    if (stray) fail(what, `${JSON.stringify(stray[0])} stands in a chart:\n${chart.slice(0, 2000)}`);
  }
  if (/</.test(rest)) fail(what, `a raw < outside of the charts:\n${rest.match(/.*<.*/)[0]}`);
  if (/[^\\]\]\(/.test(rest)) fail(what, `a link outside of the charts:\n${rest.match(/.*\]\(.*/)[0]}`);
  const invisible = [charts.join(''), rest].join('').replaceAll('\n', '').match(INVISIBLE);
  if (invisible) fail(what, `invisible characters: ${invisible.map((c) => c.codePointAt(0).toString(16))}`);

  // Mermaid lays out a loop by parts of its own, whose labels are empty.
  const isFixed = (line) => line === '' || /^(internet|load balancer|everything else|anywhere else|kube-system|and \d+ more)$/.test(line);
  const names = [...HOSTILE_NAMES.map(shown), ...HOSTILE_NAMESPACES, ...HOSTILE_NAMESPACES.map(shown)];
  const missing = new Set(names);
  for (const [index, chart] of charts.entries()) {
    const { svg } = await mermaid.render(`chart${index}`, chart);
    for (const line of drawnLabels(`${what}, chart ${index + 1} as drawn`, svg)) {
      missing.delete(line);
      if (!names.includes(line) && !isFixed(line)) {
        fail(`${what}, chart ${index + 1} as drawn`, `a label reads ${JSON.stringify(line)}, which is no name here`);
      }
    }
  }
  for (const name of missing) fail(what, `no chart shows ${JSON.stringify(name)} as it is`);
  if (wrong === before) console.log(`ok     ${what}, drawn: every label shows its name as it is`);
}

// --- All of it.

const scratch = mkdtempSync(join(tmpdir(), 'charts-'));
let folders = 0;
try {
  await checkStack('demo (embedded)', ['--demo']);
  for (const entry of readdirSync(join(root, 'fixtures'), { withFileTypes: true })) {
    const path = join('fixtures', entry.name, ...(entry.isDirectory() ? ['stack-metadata.yaml'] : []));
    if (/\.yaml$/.test(path) && !entry.name.startsWith('pci-') && existsSync(join(root, path))) {
      for (const level of ['pci_dss_strict', 'standard']) {
        await checkStack(`${path} at ${level}`, ['--stack', join(root, path)], level);
      }
    }
  }

  const cargo = ['run', '--locked', '--release', '--quiet', '--example', 'big_stack', '--', '1000', '5'];
  const big = join(scratch, 'big.yaml');
  writeFileSync(big, execFileSync('cargo', cargo, { cwd: root, maxBuffer: 1 << 30 }));
  await checkStack('1,000 components with 5 links', ['--stack', big]);

  await checkHostile();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (wrong > 0) {
  console.error(`${wrong} wrong`);
  process.exitCode = 1;
}
