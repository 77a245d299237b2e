// Charts against the program that draws them: the `mermaid` package itself.
//
// usage: main.mjs [BINARY]
//
// Every chart of network-diagram.md, for every stack under fixtures/, the embedded demo, a generated stack of 1,000
// components with 5 links each, and a hostile stack: it parses, has at most 500 edges and 50,000 characters, and holds
// nothing but the nodes, edges and classes that stand there, a line each. The hostile charts are drawn too: every label
// must show the name as it was read, with no markup, icon, link or script. BIG_STACK names the built example `big_stack`.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { check, drawnLabels, fail, split, wrong } from './chart.mjs';
import { HOSTILE_NAMES, HOSTILE_NAMESPACES, INVISIBLE, hostileStack, shown } from './hostile.mjs';
import { mermaid } from './mermaid.mjs';

const root = resolve(import.meta.dirname, '../../..');
const program = resolve(process.argv[2] ?? process.env.PCM ?? join(root, 'target/release/pci-compliance-mcp'));
if (!existsSync(program)) {
  console.error(`no binary at ${program}: name one as the first argument or in PCM`);
  process.exit(1);
}

function generate(stack, level, folder) {
  execFileSync(program, ['generate', ...stack, '--level', level, '--out', folder], { encoding: 'utf8', stdio: 'pipe' });
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

  const cargo = ['run', '--locked', '--release', '--quiet', '--example', 'big_stack', '--'];
  const [maker, ...words] = process.env.BIG_STACK ? [process.env.BIG_STACK] : ['cargo', ...cargo];
  const big = join(scratch, 'big.yaml');
  writeFileSync(big, execFileSync(maker, [...words, '1000', '5'], { cwd: root, maxBuffer: 1 << 30 }));
  await checkStack('1,000 components with 5 links', ['--stack', big]);

  await checkHostile();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (wrong > 0) {
  console.error(`${wrong} wrong`);
  process.exitCode = 1;
}
