// Chromium with the host's page in it, and the server that the host asks.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

import { build } from "esbuild";
import { chromium } from "playwright-core";

export const root = resolve(import.meta.dirname, "../..");
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'self'",
].join("; ");
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The server of `flags`, and where it is. */
export async function serve(program, flags) {
  const child = spawn(program, ["serve", "--http", "127.0.0.1:0", "--allowed-origin", "http://127.0.0.1:*", ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise((done, failed) => {
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
      const found = /127\.0\.0\.1:(\d+)/.exec(said);
      if (found) done(`http://127.0.0.1:${found[1]}/mcp`);
    });
    child.on("exit", () => failed(new Error(`the server ended: ${said}`)));
  });
  return { url, stop: () => child.kill() };
}

async function hostScript() {
  const host = join(import.meta.dirname, "host.mjs");
  const built = await build({ bundle: true, write: false, format: "esm", entryPoints: [host] });
  return built.outputFiles[0].text;
}

/** A browser whose pages are hosts. `open` opens the app in one, and gives the app's frame. */
export async function browser() {
  const script = await hostScript();
  const pages = new Map();
  const server = createServer((request, response) => {
    const [kind, policy, body] = {
      "/": [
        "text/html",
        undefined,
        "<!doctype html><title>host</title><body style='margin:0'><script type=module src=/host.js></script>",
      ],
      "/host.js": ["text/javascript", undefined, script],
      "/app": ["text/html", POLICY, pages.get("app") ?? ""],
    }[request.url] ?? ["text/plain", undefined, ""];
    response.writeHead(200, {
      "content-type": `${kind}; charset=utf-8`,
      ...(policy ? { "content-security-policy": policy } : {}),
    });
    response.end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const own = `http://127.0.0.1:${server.address().port}/`;
  const chrome = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

  const open = async ({ width = 1280, height = 900, theme = "light", mode = "inline", ...asked }) => {
    const page = await chrome.newPage({ viewport: { width, height }, colorScheme: theme });
    const faults = [];
    page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(own) && !url.startsWith(asked.url)) faults.push(`request: ${url}`);
      if (request.frame().parentFrame() && !url.endsWith("/app")) faults.push(`the app asked for ${url}`);
    });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => {
        window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
    // APP_PAGE: a page to try in place of the one that the server holds.
    const tried = (text) => (process.env.APP_PAGE ? readFileSync(process.env.APP_PAGE, "utf8") : text);
    await page.exposeFunction("servePage", (text) => void pages.set("app", tried(text)));
    await page.goto(own);
    await page.waitForFunction(() => window.openApp);
    const told = await page.evaluate((options) => window.openApp(options), { ...asked, theme, width, height, mode });
    const app = page.frames().find((one) => one.parentFrame());
    return { page, app, told, faults };
  };

  const judge = async (app) => {
    // In the frame's own world the policy holds for this script too, so it goes in by the debugger.
    await app.evaluate(readFileSync(axe, "utf8"));
    const { violations } = await app.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    return violations.map((one) => ({
      id: one.id,
      impact: one.impact,
      nodes: one.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary?.slice(0, 300)}`),
    }));
  };

  const close = async () => {
    await chrome.close();
    server.close();
  };
  return { open, judge, close };
}
