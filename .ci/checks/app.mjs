#!/usr/bin/env node
// The page that hosts open beside answers: that it is what its sources build, and that it does in Chromium, against the
// server and within the SDK's own host, what it is for. Pictures of it go to OUT_DIR, to be looked at.
//
// usage: app.mjs PROGRAM OUT_DIR [STACK.yaml ...]     (stacks to take pictures of, besides the demo and generated ones)
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [program, out, ...stacks] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const root = new URL("../..", import.meta.url).pathname;
const npm = (...words) => run("npm", words, { cwd: join(root, "app") });

function run(command, words, options = {}) {
  const done = spawnSync(command, words, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
  if (done.status !== 0) throw new Error(`${command} ${words.join(" ")}: ${done.stderr || done.stdout || done.error}`);
  return done.stdout;
}

const failed = [];
function check(holds, what) {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
  if (!holds) failed.push(what);
}

if (!existsSync(join(root, "app/node_modules/esbuild"))) npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error");
run("node_modules/.bin/tsc", ["--noEmit"], { cwd: join(root, "app") });
const built = join(out, "built.html");
run("node", ["build.mjs", built], { cwd: join(root, "app") });
const page = readFileSync(join(root, "app/dist/map.html"));
check(page.equals(readFileSync(built)), "the committed page is what its sources build");
const packed = gzipSync(page, { level: 9 }).length;
check(page.length <= 900_000 && packed <= 250_000, `the page is ${page.length} bytes, ${packed} packed`);

const { browser, serve } = await import("./app/browser.mjs");
const chrome = await browser();
const servers = [];

/** The page on a server of `flags`, opened by `tool`. */
async function opened(flags, asked) {
  const server = await serve(program, flags);
  servers.push(server);
  return chrome.open({ url: server.url, tool: "render_diagram", args: {}, ...asked });
}

const text = (app) => app.evaluate(() => document.body.innerText);
const shown = (app, what) => app.getByText(what).first().waitFor({ timeout: 15_000 });
const loaded = (app) => app.locator("svg.map .node").first().waitFor({ timeout: 60_000 });

/** Nothing went wrong so far, no policy was broken, and whoever can't see or point is served. */
async function judged({ app, faults }, where) {
  const violations = await app.evaluate(() => window.violations);
  check(violations.length === 0, `${where}: no content policy is broken ${violations}`);
  // The one way to a session's stream that the server refuses, as it may.
  const real = faults.filter((fault) => !fault.includes("405"));
  check(real.length === 0, `${where}: no error, no request ${real}`);
  const found = await chrome.judge(app);
  const bad = found.filter((one) => ["serious", "critical"].includes(one.impact));
  check(bad.length === 0, `${where}: accessible ${bad.length ? JSON.stringify(bad, null, 1) : ""}`);
  for (const one of found) if (!bad.includes(one)) console.log(`     ${where}: ${one.impact} ${one.id} ${one.nodes[0]}`);
}

/** A picture of the whole page. */
async function picture({ page, app }, name) {
  const size = page.viewportSize();
  const height = await app.evaluate(() => Math.ceil(document.getElementById("root").getBoundingClientRect().height));
  await page.evaluate((height) => (document.querySelector("iframe").style.height = `${height}px`), height);
  await page.setViewportSize({ width: size.width, height: Math.min(height, 3_000) });
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await page.setViewportSize(size);
}

try {
  for (const step of [told, explored, tried, keyed, drilled, large, hostile, several, stale, phone, photographed]) {
    // STEPS: some of the steps alone, by name.
    if (process.env.STEPS && !process.env.STEPS.split(" ").includes(step.name)) continue;
    console.log(`\n-- ${step.name}`);
    await step();
    for (const server of servers.splice(0)) server.stop();
  }
} finally {
  for (const server of servers) server.stop();
  await chrome.close();
}
if (failed.length > 0) {
  console.error(`\n${failed.length} failed:\n${failed.join("\n")}`);
  process.exit(1);
}

/** What the server says of the page, to a host that asks for it. */
async function told() {
  const { told, page } = await opened(["--demo"], {});
  check(told.declared?.mimeTypes?.includes("text/html;profile=mcp-app"), "the server declares the extension");
  check(told.uri === "ui://pci-compliance/map.html" && told.mimeType === "text/html;profile=mcp-app", "the tool names the page");
  check(told.meta?.ui?.csp?.connectDomains?.length === 0, "the page asks for no network");
  await page.close();
}

/** Open, search, click a line, read what is behind it. */
async function explored() {
  const one = await opened(["--demo"], {});
  const { app, page } = one;
  await loaded(app);
  for (const band of ["CDE: account data", "Connected to the CDE", "Outside the cluster"]) {
    check((await app.locator(".band-title", { hasText: band }).count()) === 1, `there is a band "${band}"`);
  }
  check((await app.locator("svg.map .node").count()) >= 28, "every namespace is drawn");
  await judged(one, "map");
  await app.getByRole("combobox").first().fill("card-va");
  await app.getByRole("option").first().click();
  await app.getByRole("heading", { name: "card-vault" }).waitFor();
  const labels = await app.locator(".labelled .edge-label text").allTextContents();
  check(labels.includes("8443"), "lines carry their ports");
  check((await app.locator(".node.centre").count()) === 1, "search focuses what was found");
  await app.getByRole("button", { name: "Neighbours at distance 2" }).click();
  await page.waitForTimeout(200);
  check((await app.locator("svg.map .node").count()) > labels.length, "distance 2 shows more");
  await app.getByRole("button", { name: "Neighbours at distance 1" }).click();
  await app.locator('.edge[aria-label^="shop to card-vault"] .hit').click({ force: true });
  await app.getByRole("heading", { name: "shop → card-vault" }).waitFor();
  const said = await text(app);
  check(said.includes("checkout -> card-vault"), "a line names the link that declares it");
  check(said.includes("shop/shop--link--card-vault--egress--ports--8443"), "and the policies that allow it");
  await app.getByRole("button", { name: "checkout -> card-vault" }).click();
  await app.getByRole("button", { name: "card-vault", exact: true }).first().click();
  await shown(app, "Declared at");
  check(/demo\/stack-metadata\.yaml:\d+:\d+/.test(await text(app)), "a component says where it is declared");
  await judged(one, "component");
  await app.getByRole("button", { name: "List", exact: true }).click();
  check((await app.getByRole("row").count()) > 2, "the list has what the map has");
  await judged(one, "list");
  await page.close();
}

/** The heat map, a control, and the change that closes it, tried. */
async function tried() {
  const one = await opened(["--demo"], { tool: "pci_compliance_overview", theme: "dark" });
  const { app, page } = one;
  await app.locator(".cells .cell").first().waitFor();
  check((await app.locator(".heat-row").count()) === 12, "there are twelve rows");
  check((await app.locator(".cells .cell").count()) === 250, "and 250 controls");
  await judged(one, "controls");
  await app.getByRole("button", { name: /^3\.3\.2 / }).click();
  await app.getByRole("button", { name: "Try it" }).waitFor();
  const said = await text(app);
  check(said.includes("What is missing") && said.includes("What shows it"), "a control says what shows it and what is missing");
  check(/stack-metadata\.yaml:\d+:\d+/.test(said), "with file and line");
  check(said.includes("set_fact { name: ledger"), "and the change that closes it");
  await judged(one, "control");
  await app.getByRole("button", { name: "Try it" }).click();
  await shown(app, "What-if: nothing is kept");
  const after = await text(app);
  check(/10\.9 % → 1\d/.test(after) && after.includes("Controls gained 1"), "the what-if shows numbers and controls");
  check((await app.locator(".cell.gained").count()) === 1, "the control gained is marked");
  await judged(one, "what-if");
  await app.getByRole("button", { name: "End the what-if" }).click();
  check((await app.locator(".what-if").count()) === 0, "and ends");
  await page.close();
}

/** A what-if of links, by which the page was opened: flows come and go on the map. */
async function drilled() {
  const what_if = [
    { op: "remove_link", from: "checkout", to: "card-vault" },
    { op: "add_link", from: "storefront", to: "ledger" },
  ];
  const one = await opened(["--demo"], { args: { what_if } });
  const { app, page } = one;
  await shown(app, "What-if: nothing is kept");
  check((await app.locator('.edge.removed[aria-label^="shop to card-vault"]').count()) === 1, "a flow that goes is marked");
  check((await app.locator('.edge.added[aria-label^="shop to ledger"]').count()) === 1, "a flow that comes is drawn");
  await app.getByRole("button", { name: "Show on the map" }).click();
  await page.waitForTimeout(200);
  check((await app.locator("svg.map .edge").count()) === 2, "the changed flows can be seen alone");
  await judged(one, "what-if of links");
  await page.close();
  const scoped = await opened(["--demo"], { args: { scope: "ledger" } });
  await loaded(scoped.app);
  check((await scoped.app.locator(".node.centre").getAttribute("aria-label")).startsWith("ledger"), "a scope opens there");
  await scoped.page.close();
}

/** By keys alone. */
async function keyed() {
  const one = await opened(["--demo"], {});
  const { app, page } = one;
  await loaded(app);
  await app.locator('.node[tabindex="0"]').focus();
  const focused = () => app.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent);
  const first = await focused();
  await page.keyboard.press("ArrowDown");
  const second = await focused();
  check(first !== second && /namespace|CDE|cluster|Connected/i.test(second), `arrow keys move between nodes: ${second}`);
  await page.keyboard.press("Enter");
  await app.locator(".panel").waitFor();
  check((await focused()) === second, "what was opened keeps the focus");
  await page.keyboard.press("Enter");
  await app.locator(".node.centre").waitFor();
  check(true, "Enter twice goes there");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(200);
  check((await app.locator(".node.centre").count()) === 0, "Escape goes back");
  check((await app.locator("#live").textContent()).includes("nodes"), "a screen reader is told what is drawn");
  await app.locator("#tab-map").focus();
  await page.keyboard.press("ArrowRight");
  await app.locator(".cells .cell").first().waitFor();
  await app.locator('.cells .cell[tabindex="0"]').focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  check(/^2\.\d/.test(await focused()), `arrow keys move between controls: ${await focused()}`);
  await page.keyboard.press("Enter");
  await app.locator(".panel h2").waitFor();
  check((await app.locator('.cells .cell[tabindex="0"]').count()) === 1, "the heat map is one stop of the tabulator key");
  await page.close();
}

function generated(components) {
  const file = join(out, `big-${components}.yaml`);
  const words = ["run", "--locked", "--release", "--quiet", "--example", "big_stack", "--", String(components), "5"];
  writeFileSync(file, process.env.BIG_STACK ? run(process.env.BIG_STACK, [String(components), "5"]) : run("cargo", words, { cwd: root }));
  return ["--stack", file, "--level", "pci_dss_strict"];
}

/** 1,000 components: there within a second, and no slower than one can look when moved. */
async function large() {
  const flags = generated(1_000);
  const server = await serve(program, flags);
  servers.push(server);
  const one = await chrome.open({ url: server.url, tool: "render_diagram", args: {} });
  const { app, page } = one;
  await loaded(app);
  // From the beginning of the page to its first map; the server had answered the tool before, as it has in a chat.
  const drawn = await app.evaluate(() => performance.getEntriesByName("map drawn").at(-1).startTime);
  const asked = await app.evaluate(() => performance.getEntriesByName("map asked").at(-1).startTime);
  console.log(`     1,000 components: drawn ${Math.round(drawn)} ms after the page began, ${Math.round(drawn - asked)} ms after it asked`);
  check(drawn <= 1_000, `1,000 components are there after ${Math.round(drawn)} ms`);
  check((await app.locator("svg.map .node").count()) <= 60, "they begin as groups");
  await judged(one, "1,000 components");
  await picture(one, "big-1000-light");
  await app.locator(".node.group").first().click();
  await app.waitForFunction(() => document.querySelectorAll("svg.map .node").length > 60);
  const frames = await panned(one);
  console.log(`     panning: ${frames.map((one) => one.toFixed(1)).join(", ")} ms (median, 95th, longest frame)`);
  check(frames[1] <= 50, `panning takes ${frames[1].toFixed(1)} ms a frame at most, of 95 %`);
  await app.getByRole("button", { name: "Fit the whole map" }).click();
  await page.waitForTimeout(200);
  await app.locator(".node").first().click();
  await app.locator(".node.centre").waitFor();
  check((await app.locator("svg.map .node").count()) <= 60, "a namespace shows who is near");
  await page.close();
}

/** How long frames take while the map is dragged: the median, the 95th of 100, the longest. */
async function panned({ app, page }) {
  const box = await app.locator("svg.map").boundingBox();
  await app.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const tick = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.mouse.move(box.x + 500, box.y + 300);
  await page.mouse.down();
  for (let step = 0; step < 90; step += 1) {
    await page.mouse.move(box.x + 500 - step * 3, box.y + 300 - step);
    await page.waitForTimeout(10);
  }
  await page.mouse.up();
  const frames = (await app.evaluate(() => window.frames_)).sort((a, b) => a - b);
  const at = (part) => frames[Math.min(frames.length - 1, Math.floor(frames.length * part))];
  return [at(0.5), at(0.95), at(1)];
}

/** Names that are markup, scripts, endless, or in another direction stay names. */
async function hostile() {
  const names = ["<img src=x onerror=window.owned=1>", "</script><script>window.owned=1</script>", "x".repeat(10_000), "‮gnp.exe", "a'b\"c`d${e}"];
  const file = join(out, "hostile.yaml");
  const quoted = (name) => JSON.stringify(name);
  const components = names.map((name, index) => {
    const to = names[(index + 1) % names.length];
    return `  ? ${quoted(name)}\n  : type: fastapi\n    name: ${quoted(name)}\n    attributes: {namespace: ${index % 2 ? "odd" : "even"}-${index}, port: "8000"}\n    links_to:\n      ? ${quoted(to)}\n      : {attributes: {}}\n`;
  });
  writeFileSync(file, `components:\n${components.join("")}configuration:\n  system_name: ${quoted("<b>bold</b><script>window.owned=1</script>")}\n`);
  const one = await opened(["--stack", file, "--level", "pci_dss_strict"], {});
  const { app, page } = one;
  await loaded(app);
  await app.getByRole("combobox").first().fill("onerror");
  await app.getByRole("option").first().click();
  await page.waitForTimeout(300);
  check((await text(app)).includes("<img src=x onerror=window.owned=1>"), "markup shows as the text it is");
  check((await text(app)).includes("<b>bold</b><script>"), "in the title too");
  await app.getByRole("button", { name: "List", exact: true }).click();
  check((await app.evaluate(() => window.owned)) === undefined, "no script of a name runs");
  check((await app.locator("#root img, #root script").count()) === 0, "no element comes of a name");
  const wide = await app.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, "a long name does not widen the page");
  await judged(one, "hostile names");
  await picture(one, "hostile-light");
  await page.close();
}

function folderOf(stacks) {
  const folder = join(out, `stacks-${Object.keys(stacks).join("-")}`);
  for (const [name, text] of Object.entries(stacks)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "stack-metadata.yaml"), text);
  }
  return folder;
}

function small(name) {
  return `components:\n  one:\n    type: fastapi\n    name: one\n    attributes: {namespace: one, port: "8000"}\n    links_to:\n      two: {attributes: {}}\n  two:\n    type: redis\n    name: two\n    attributes: {namespace: two, port: "6379"}\nconfiguration:\n  system_name: ${name}\n`;
}

/** Several stacks: one is chosen; one that can't be read is said. */
async function several() {
  const folder = folderOf({ first: small("first"), second: small("second"), broken: "components: [" });
  const flags = ["--stacks", folder, "--level", "pci_dss_strict"];
  const one = await opened(flags, { tool: "pci_compliance_overview", args: { stack: "*" } });
  const { app, page } = one;
  await app.getByLabel("Stack").waitFor();
  check((await text(app)).includes("A stack can't be read"), "a stack that can't be read is told of");
  await app.getByLabel("Stack").selectOption("second");
  await app.locator("h1", { hasText: "second" }).waitFor();
  await app.getByLabel("Stack").selectOption("first");
  await app.locator("h1", { hasText: "first" }).waitFor();
  check(true, "another stack can be chosen");
  await judged(one, "several stacks");
  await page.close();
}

/** Files that can't be used any more: what is shown says that it is of earlier ones. A host that passes nothing on: said. */
async function stale() {
  const folder = folderOf({ only: small("only") });
  const file = join(folder, "only/stack-metadata.yaml");
  const one = await opened(["--stack", file, "--level", "pci_dss_strict"], {});
  const { app, page } = one;
  await loaded(app);
  writeFileSync(file, "components: [");
  const until = Date.now() + 20_000;
  while (!(await text(app)).includes("This is of earlier files") && Date.now() < until) {
    await app.getByRole("button", { name: "Read anew" }).click();
    await page.waitForTimeout(300);
  }
  check((await text(app)).includes("This is of earlier files"), "that files can't be used any more is said");
  await judged(one, "stale");
  await page.close();
  const mute = await opened(["--demo"], { capabilities: { serverTools: {} } });
  await shown(mute.app, "passes no resources");
  check(true, "a host that passes no resources on is told of");
  await mute.page.close();
}

/** 360 pixels. */
async function phone() {
  const one = await opened(["--demo"], { width: 360, height: 740 });
  const { app, page } = one;
  await loaded(app);
  const wide = () => app.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check((await wide()) <= 0, "the map fits a phone");
  await judged(one, "phone, map");
  await picture(one, "demo-phone-map-light");
  await app.locator("#tab-controls").click();
  await app.locator(".cells .cell").first().waitFor();
  check((await wide()) <= 0, "the controls fit a phone");
  await judged(one, "phone, controls");
  await picture(one, "demo-phone-controls-light");
  await page.close();
}

/** Pictures for whoever wants to see what it looks like. */
async function photographed() {
  const flags = { "demo": ["--demo"], "big-200": generated(200) };
  stacks.forEach((file, index) => (flags[`own-${index + 1}`] = ["--stack", file, "--level", "pci_dss_strict"]));
  for (const [name, own] of Object.entries(flags)) {
    for (const theme of ["light", "dark"]) {
      for (const [size, width] of [["wide", 1_280], ["phone", 360]]) {
        const one = await opened(own, { theme, width, height: 800 });
        await loaded(one.app);
        await picture(one, `${name}-${size}-map-${theme}`);
        await one.app.locator("#tab-controls").click();
        await picture(one, `${name}-${size}-controls-${theme}`);
        await one.page.close();
      }
    }
  }
}
