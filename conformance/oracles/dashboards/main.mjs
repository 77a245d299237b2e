// Draws the dashboards from what a server answered, as OpenSearch Dashboards lays them out: numbers by the real Vega
// library from the specification as generated, other panels in a plain way. Fails if a number of an empty index does not
// read "no data".
//
// usage: pictures.mjs ANSWERS.json EMPTY.json OUT_DIR     (ANSWERS from `SIEM_ANSWERS=ANSWERS.json cargo test siem`)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = process.env.CHECKS_NPM ?? join(dirname(fileURLToPath(import.meta.url)), "../../target/checks-npm/node_modules");
const { chromium } = createRequire(import.meta.url)(join(modules, "playwright-core"));

const COLUMN = 27, ROW = 20;
const INKS = ["#54b399", "#6092c0", "#d36086", "#9170b8", "#ca8eae", "#d6bf57", "#b9a888", "#da8b45", "#aa6556", "#e7664c"];
const [answersFile, emptyFile, out] = process.argv.slice(2);
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const day = (value) => new Date(value).toISOString().slice(0, 16).replace("T", " ");

/** The Vega panel of `spec` with `answer` in place of the request, as OpenSearch Dashboards puts it there. */
async function numbers(spec, answer, width, height) {
  const view = structuredClone(spec);
  const data = view.data.find((one) => one.url);
  data.values = answer;
  delete data.url;
  // In the browser, as there: only it knows how wide a text is.
  return easel.evaluate(async (spec) => {
    const drawn = new vega.View(vega.parse(spec), { renderer: "none" });
    await drawn.runAsync();
    const cells = drawn.data("cells").map(({ shown, time }) => ({ shown, time }));
    return { svg: await drawn.toSVG(), cells };
  }, { ...view, width, height });
}

const leaf = (bucket, agg) => (agg.type === "count" ? bucket.doc_count : (bucket[agg.id]?.value ?? 0));
const shown = (bucket, agg) => {
  const value = leaf(bucket, agg);
  if (agg.params.field === "@timestamp") return value ? day(value) : "-";
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(2);
};
const listed = (buckets) =>
  Array.isArray(buckets) ? buckets : Object.entries(buckets).map(([key, one]) => ({ key, ...one }));

/** Rows of nested buckets. */
function rows(answer, aggs, metrics, before = []) {
  const [first, ...rest] = aggs;
  return listed(answer[first.id]?.buckets ?? []).flatMap((bucket) => {
    const key = bucket.key === "__missing__" ? "-" : bucket.key;
    const line = [...before, key];
    return rest.length ? rows(bucket, rest, metrics, line) : [[...line, ...metrics.map((one) => shown(bucket, one))]];
  });
}

function table(state, answer) {
  const metrics = state.aggs.filter((one) => one.schema === "metric");
  const buckets = state.aggs.filter((one) => one.schema !== "metric");
  const heads = [...buckets, ...metrics].map((one) => `<th>${escape(one.params.customLabel ?? one.params.field)}</th>`);
  const lines = rows(answer.aggregations ?? {}, buckets, metrics).slice(0, 9);
  if (!lines.length) return "<p>No results found</p>";
  const body = lines.map((line) => `<tr>${line.map((cell) => `<td>${escape(cell)}</td>`).join("")}</tr>`);
  return `<table><tr>${heads.join("")}</tr>${body.join("")}</table>`;
}

function bars(state, answer, width, height) {
  const metric = state.aggs.find((one) => one.schema === "metric");
  const segment = state.aggs.find((one) => one.schema === "segment");
  const list = listed(answer.aggregations?.[segment.id]?.buckets ?? []);
  const most = Math.max(1, ...list.map((one) => leaf(one, metric)));
  const line = Math.min(22, (height - 10) / Math.max(1, list.length));
  const marks = list.map((one, index) => {
    const long = (leaf(one, metric) / most) * (width - 260);
    const y = index * line;
    return `<text x="205" y="${y + 14}" text-anchor="end">${escape(String(one.key).slice(0, 34))}</text>
      <rect x="210" y="${y + 2}" width="${long}" height="${line - 5}" fill="${INKS[0]}"/><text x="${215 + long}" y="${y + 14}">${shown(one, metric)}</text>`;
  });
  return `<svg width="${width}" height="${height}">${marks.join("")}</svg>`;
}

function timeline(state, answer, width, height) {
  const metric = state.aggs.find((one) => one.schema === "metric");
  const [segment, group] = ["segment", "group"].map((schema) => state.aggs.find((one) => one.schema === schema));
  const list = listed(answer.aggregations?.[segment.id]?.buckets ?? []);
  const parts = list.map((bucket) => (group ? listed(bucket[group.id].buckets) : [{ ...bucket, key: "all" }]));
  const names = [...new Set(parts.flat().map((one) => String(one.key)))];
  const total = (of) => of.reduce((sum, one) => sum + leaf(one, metric), 0);
  const most = Math.max(1, ...parts.map(total));
  const [from, to] = [list[0]?.key ?? 0, list.at(-1)?.key ?? 1];
  const room = width - 330, tall = height - 40, wide = Math.max(6, Math.min(40, room / Math.max(8, list.length) - 4));
  const marks = parts.map((of, index) => {
    const x = 30 + ((list[index].key - from) / Math.max(1, to - from)) * (room - wide);
    let y = tall;
    const stack = of.map((one) => {
      const high = (leaf(one, metric) / most) * (tall - 10);
      y -= high;
      return `<rect x="${x}" y="${y}" width="${wide}" height="${high}" fill="${INKS[names.indexOf(String(one.key)) % INKS.length]}"/>`;
    });
    return stack.join("");
  });
  const legend = names.map((name, index) => `<rect x="${width - 290}" y="${index * 19}" width="11" height="11" fill="${INKS[index % INKS.length]}"/>
    <text x="${width - 274}" y="${index * 19 + 10}">${escape(name.slice(0, 44))}</text>`);
  const ends = list.length ? `<text x="30" y="${tall + 18}">${day(from)}</text><text x="${room}" y="${tall + 18}" text-anchor="end">${day(to)}</text>` : "";
  return `<svg width="${width}" height="${height}">${marks.join("")}${legend.join("")}${ends}<line x1="30" x2="${room + 30}" y1="${tall}" y2="${tall}" stroke="#ccc"/></svg>`;
}

function events(object, answer) {
  const at = (source, path) => path.split(".").reduce((value, key) => value?.[key], source) ?? source?.[path.split(".")[0]]?.[path.split(".").slice(1).join(".")];
  const columns = object.attributes.columns;
  const heads = ["Time", ...columns].map((name) => `<th>${escape(name)}</th>`);
  const lines = answer.hits.hits.slice(0, 8).map(({ _source: source, sort }) => {
    const cells = columns.map((path) => `<td>${escape(at(source, path) ?? "-")}</td>`);
    return `<tr><td>${day(Number(sort[0]))}</td>${cells.join("")}</tr>`;
  });
  return `<table><tr>${heads.join("")}</tr>${lines.join("")}</table>`;
}

async function panel(object, answer, width, height) {
  if (object.type === "search") return events(object, answer);
  const state = JSON.parse(object.attributes.visState);
  switch (state.type) {
    case "vega": return (await numbers(JSON.parse(state.params.spec), answer, width, height)).svg;
    case "table": return table(state, answer);
    case "horizontal_bar": return bars(state, answer, width, height);
    case "histogram": return timeline(state, answer, width, height);
    case "markdown": return `<p>${escape(state.params.markdown)}</p>`;
    default: return `<p>Stack <select><option>${escape(answer.aggregations.terms.buckets.map((one) => one.key).join(", "))}</option></select></p>`;
  }
}

async function page(dashboard, objects, answers) {
  const title = dashboard.attributes.title;
  const boxes = [];
  let low = 0;
  for (const one of JSON.parse(dashboard.attributes.panelsJSON)) {
    const { x, y, w, h } = one.gridData;
    const reference = dashboard.references.find((reference) => reference.name === one.panelRefName);
    const object = objects.find((object) => object.type === reference.type && object.id === reference.id);
    const [width, height] = [w * COLUMN - 24, h * ROW - 44];
    const inner = await panel(object, answers[object.id], width, height);
    const name = object.attributes.title.replace(`${title} - `, "");
    boxes.push(`<section style="left:${x * COLUMN}px;top:${y * ROW}px;width:${w * COLUMN - 8}px;height:${h * ROW - 8}px"><h2>${escape(name)}</h2>${inner}</section>`);
    low = Math.max(low, (y + h) * ROW);
  }
  const style = `body{margin:12px;background:#f5f7fa;font:12px sans-serif;color:#343741;width:${48 * COLUMN}px}h1{font-size:16px}h2{font-size:13px;margin:6px 8px}
    main{position:relative;height:${low}px}section{position:absolute;background:#fff;border:1px solid #d3dae6;border-radius:4px;overflow:hidden}
    table{border-collapse:collapse;margin:0 8px;width:calc(100% - 16px)}td,th{text-align:left;padding:3px 6px;border-bottom:1px solid #eef}svg{font:12px sans-serif;margin-left:8px;fill:#343741}p{margin:8px}`;
  return `<!doctype html><meta charset="utf-8"><style>${style}</style><h1>${escape(title)}</h1><main>${boxes.join("")}</main>`;
}

/** Every number of an empty index must read "no data", and none of a full one whose source is there. */
async function silence({ objects, answers }) {
  let checked = 0;
  for (const object of objects.filter((one) => one.type === "visualization")) {
    const state = JSON.parse(object.attributes.visState);
    if (state.type !== "vega") continue;
    const { cells } = await numbers(JSON.parse(state.params.spec), answers[object.id], 600, 300);
    for (const cell of cells) {
      if (cell.shown !== "no data" || cell.time !== "") throw new Error(`${object.id}: an empty index reads ${cell.shown} ${cell.time}`);
      checked += 1;
    }
  }
  return checked;
}

const browser = await chromium.launch({ executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync), args: ["--no-sandbox"] });
const easel = await browser.newPage();
await easel.addScriptTag({ path: join(modules, "vega/build/vega.min.js") });
const full = JSON.parse(readFileSync(answersFile));
console.log(`${await silence(JSON.parse(readFileSync(emptyFile)))} numbers of an empty index read "no data"`);
mkdirSync(out, { recursive: true });
for (const dashboard of full.objects.filter((one) => one.type === "dashboard")) {
  const tab = await browser.newPage({ viewport: { width: 48 * COLUMN + 24, height: 800 } });
  await tab.setContent(await page(dashboard, full.objects, full.answers));
  const name = dashboard.id.replace(/^.*-pci-/, "").replace("pci-", "");
  writeFileSync(join(out, `${name}.png`), await tab.screenshot({ fullPage: true, type: "png" }));
  await tab.close();
  console.log(`${name}.png`);
}
await browser.close();
