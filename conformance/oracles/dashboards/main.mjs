// Draws the dashboards from what a server answered, as OpenSearch Dashboards lays them out: numbers by the real Vega
// library from the specification as generated, other panels in a plain way. Fails if a number of an empty index does not
// read "no data".
//
// usage: main.mjs ANSWERS.json EMPTY.json OUT_DIR     (ANSWERS from `SIEM_ANSWERS=ANSWERS.json cargo test siem`)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { bars, escape, events, table, timeline } from "./panels.mjs";

const COLUMN = 27, ROW = 20;
const [answersFile, emptyFile, out] = process.argv.slice(2);

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
await easel.addScriptTag({ path: join(import.meta.dirname, "node_modules/vega/build/vega.min.js") });
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
