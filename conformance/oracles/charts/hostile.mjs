// A stack whose names are Mermaid, Markdown, HTML, quotes, line breaks and invisible Unicode.

export const HOSTILE_NAMES = [
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
export const HOSTILE_NAMESPACES = [
  'end', 'graph', 'flowchart', 'subgraph', 'click', 'style', 'linkstyle', 'classdef', 'class', 'direction', 'default',
  'call', 'href', 'o', 'x', 'v', 'td', 'lr', 'n1', 'n2', 'init', 'title', 'constructor', 'prototype',
  'a'.repeat(63), '0', '1-2', 'b--x', 'c--o',
];
export const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/**
 * A name as it is to be shown: what does not show is gone, what is too long for a node is cut, and punctuation that
 * a viewer could take for its own stands in its full width.
 */
export function shown(name) {
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

export function hostileStack() {
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
