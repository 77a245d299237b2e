// Builds the page: one file with its script and style inside, the same bytes from the same sources.
// `node build.mjs [FILE]` writes FILE, or else what is committed.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "dist/map.html");

/** Messages of the schema library in forty languages, of which none is ever shown. */
const english = {
  name: "english",
  setup(build) {
    build.onResolve({ filter: /locales\/index\.js$/ }, (asked) => {
      if (asked.importer.includes("zod")) return { path: join(here, "src/locales.js") };
    });
  },
};

/** The licences of the packages that are in the page, which they ask to be kept with them. */
function notices({ outputs }) {
  const used = Object.values(outputs).flatMap((one) => Object.entries(one.inputs));
  const files = used.filter(([, part]) => part.bytesInOutput > 0).map(([file]) => file);
  const folders = files.map((file) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const texts = new Map();
  for (const folder of [...new Set(folders)].filter(Boolean).sort()) {
    const { name, version } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const file = join(here, folder, "LICENSE");
    const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
    if (!text) throw new Error(`${name} has no LICENSE`);
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  const all = [...texts].map(([text, names]) => `${names.join(", ")}\n\n${text}`).join("\n\n\n");
  return all.replaceAll("--", "- -");
}

const options = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
};
const script = await build({
  ...options,
  entryPoints: ["src/main.ts"],
  format: "esm",
  target: "es2022",
  plugins: [english],
});
const style = await build({ ...options, entryPoints: ["src/style.css"] });
// Nothing in the script may end the element that it stands in.
const js = script.outputFiles[0].text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const css = style.outputFiles[0].text.trim();

const hash = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;
const filled = {
  "%NOTICES%": notices(script.metafile),
  "%SCRIPT%": hash(js),
  "%STYLE%": hash(css),
  "%CSS%": css,
  "%JS%": js,
};
const html = readFileSync(join(here, "src/index.html"), "utf8").replaceAll(/%[A-Z]+%/g, (name) => filled[name]);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, html);
