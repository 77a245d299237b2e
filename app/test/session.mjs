// What the steps of the check share: servers, the page opened on them, and what is asked of it each time.

import { join } from "node:path";

import { browser, serve } from "./browser.mjs";

const [program, out] = process.argv.slice(2);
export const failed = [];
const servers = [];
const chrome = await browser();

export function check(holds, what) {
  console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
  if (!holds) failed.push(what);
}

/** The page on a server of `flags`, or on the one at `url`, opened by `asked.tool`. */
export async function opened(flags, asked, url) {
  const server = url ? { url } : await serve(program, flags);
  if (!url) servers.push(server);
  const one = await chrome.open({ url: server.url, tool: "render_diagram", args: {}, ...asked });
  return { ...one, url: server.url };
}

/** Stops the servers of a step. */
export function rest() {
  for (const server of servers.splice(0)) server.stop();
}

export async function end() {
  rest();
  await chrome.close();
}

export const text = (app) => app.evaluate(() => document.body.innerText);
export const shown = (app, what) => app.getByText(what).first().waitFor({ timeout: 15_000 });
export const loaded = (app) => app.locator("svg.map .node").first().waitFor({ timeout: 60_000 });

/** Nothing went wrong so far, no policy was broken, and whoever can't see or point is served. */
export async function judged({ app, faults }, where) {
  const violations = await app.evaluate(() => window.violations);
  check(violations.length === 0, `${where}: no content policy is broken ${violations}`);
  // The one way to a session's stream that the server refuses, as it may.
  const real = faults.filter((fault) => !fault.includes("405"));
  check(real.length === 0, `${where}: no error, no request ${real}`);
  const found = await chrome.judge(app);
  const bad = found.filter((one) => ["serious", "critical"].includes(one.impact));
  check(bad.length === 0, `${where}: accessible ${bad.length ? JSON.stringify(bad, null, 1) : ""}`);
  for (const one of found)
    if (!bad.includes(one)) console.log(`     ${where}: ${one.impact} ${one.id} ${one.nodes[0]}`);
}

/** A picture of the whole page. */
export async function picture({ page, app }, name) {
  const size = page.viewportSize();
  const height = await app.evaluate(() => Math.ceil(document.getElementById("root").getBoundingClientRect().height));
  await page.evaluate((height) => (document.querySelector("iframe").style.height = `${height}px`), height);
  await page.setViewportSize({ width: size.width, height: Math.min(height, 3_000) });
  await page.waitForTimeout(250);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await page.setViewportSize(size);
}
