// The page on stacks of all kinds: large, hostile, several, broken; on a phone; and pictures of it.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "./browser.mjs";
import { check, judged, loaded, opened, picture, shown, text } from "./session.mjs";

const [, out, ...stacks] = process.argv.slice(2);

/** A stack of so many components. BIG_STACK: the built example, which need not be built again then. */
function generated(components) {
  const file = join(out, `big-${components}.yaml`);
  const words = ["run", "--locked", "--release", "--quiet", "--example", "big_stack", "--", String(components), "5"];
  const [command, ...rest] = process.env.BIG_STACK
    ? [process.env.BIG_STACK, String(components), "5"]
    : ["cargo", ...words];
  const made = spawnSync(command, rest, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  if (made.status !== 0) throw new Error(made.stderr);
  writeFileSync(file, made.stdout);
  return ["--stack", file, "--level", "pci_dss_strict"];
}

/** 1,000 components: there within a second, and no slower than one can look when moved. */
export async function large() {
  const flags = generated(1_000);
  const one = await opened(flags, {});
  const { app, page } = one;
  await loaded(app);
  const times = [await timed(one)];
  // Again, on the same server: whoever else uses the machine is not what is measured.
  for (let again = 0; again < 3; again += 1) {
    const other = await opened(flags, {}, one.url);
    await loaded(other.app);
    times.push(await timed(other));
    await other.page.close();
  }
  const best = times.toSorted((a, b) => a.drawn - b.drawn)[0];
  console.log(`     1,000 components, ms to the first map: ${times.map((time) => time.drawn).join(", ")}`);
  check(
    best.drawn <= 1_000,
    `1,000 components are there after ${best.drawn} ms, ${best.waited} of them for the server`,
  );
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

/** From the beginning of the page to its first map; the server had answered the tool before, as it has in a chat. */
async function timed({ app }) {
  const at = (name) => app.evaluate((name) => Math.round(performance.getEntriesByName(name).at(-1).startTime), name);
  return { drawn: await at("map drawn"), waited: (await at("map read")) - (await at("map asked")) };
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
export async function hostile() {
  const names = [
    "<img src=x onerror=window.owned=1>",
    "</script><script>window.owned=1</script>",
    "x".repeat(10_000),
    "‮gnp.exe",
    "a'b\"c`d${e}",
  ];
  const file = join(out, "hostile.yaml");
  const quoted = (name) => JSON.stringify(name);
  const components = names.map((name, index) => {
    const to = names[(index + 1) % names.length];
    return `  ? ${quoted(name)}\n  : type: fastapi\n    name: ${quoted(name)}\n    attributes: {namespace: ${index % 2 ? "odd" : "even"}-${index}, port: "8000"}\n    links_to:\n      ? ${quoted(to)}\n      : {attributes: {}}\n`;
  });
  writeFileSync(
    file,
    `components:\n${components.join("")}configuration:\n  system_name: ${quoted("<b>bold</b><script>window.owned=1</script>")}\n`,
  );
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
export async function several() {
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
export async function stale() {
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
export async function phone() {
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
export async function photographed() {
  const flags = { demo: ["--demo"], "big-200": generated(200) };
  stacks.forEach((file, index) => (flags[`own-${index + 1}`] = ["--stack", file, "--level", "pci_dss_strict"]));
  for (const [name, own] of Object.entries(flags)) {
    for (const theme of ["light", "dark"]) {
      for (const [size, width] of [
        ["wide", 1_280],
        ["phone", 360],
      ]) {
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
