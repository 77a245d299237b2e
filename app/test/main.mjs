// The page that hosts open beside answers: that it is what its sources build, and that it does in Chromium, against the
// server and within the SDK's own host, what it is for. Pictures of it go to OUT_DIR, to be looked at.
//
// usage: node test/main.mjs PROGRAM OUT_DIR [STACK.yaml ...]     (stacks to take pictures of, besides the demo and generated ones)
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

import { check, end, failed, rest } from "./session.mjs";
import * as stacks from "./stacks.mjs";
import * as uses from "./uses.mjs";

const out = resolve(process.argv[3]);
const app = resolve(import.meta.dirname, "..");
mkdirSync(out, { recursive: true });

function run(command, ...words) {
  const done = spawnSync(command, words, { cwd: app, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command} ${words.join(" ")}: ${done.stderr || done.stdout || done.error}`);
}

const built = join(out, "built.html");
run("node_modules/.bin/tsc", "--noEmit");
run("node", "build.mjs", built);
const page = readFileSync(join(app, "dist/map.html"));
check(page.equals(readFileSync(built)), "the committed page is what its sources build");
const packed = gzipSync(page, { level: 9 }).length;
check(page.length <= 900_000 && packed <= 250_000, `the page is ${page.length} bytes, ${packed} packed`);

const steps = { ...uses, ...stacks };
// STEPS: some of the steps alone, by name.
const wanted = process.env.STEPS?.split(" ") ?? Object.keys(steps);
try {
  for (const name of wanted) {
    console.log(`\n-- ${name}`);
    await steps[name]();
    rest();
  }
} finally {
  await end();
}
if (failed.length > 0) {
  console.error(`\n${failed.length} failed:\n${failed.join("\n")}`);
  process.exit(1);
}
