// What somebody does with the page, by pointer and by keys.

import { check, judged, loaded, opened, shown, text } from "./session.mjs";

/** What the server says of the page, to a host that asks for it. */
export async function told() {
  const { told, page } = await opened(["--demo"], {});
  check(told.declared?.mimeTypes?.includes("text/html;profile=mcp-app"), "the server declares the extension");
  check(
    told.uri === "ui://pci-compliance/map.html" && told.mimeType === "text/html;profile=mcp-app",
    "the tool names the page",
  );
  check(told.meta?.ui?.csp?.connectDomains?.length === 0, "the page asks for no network");
  await page.close();
}

/** Open, search, click a line, read what is behind it. */
export async function explored() {
  const one = await opened(["--demo"], {});
  const { app, page } = one;
  await loaded(app);
  for (const band of ["CDE: account data", "Connected to the CDE", "Outside the cluster"]) {
    check((await app.locator(".band-title", { hasText: band }).count()) === 1, `there is a band "${band}"`);
  }
  check((await app.locator("svg.map .node").count()) >= 28, "every namespace is drawn");
  await judged(one, "map");
  await app.getByRole("combobox").first().fill("card-va");
  await app.getByRole("option").first().waitFor();
  await judged(one, "search");
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
export async function tried() {
  const one = await opened(["--demo"], { tool: "pci_compliance_overview", theme: "dark" });
  const { app, page } = one;
  await app.locator(".cells .cell").first().waitFor();
  check((await app.locator(".heat-row").count()) === 12, "there are twelve rows");
  check((await app.locator(".cells .cell").count()) === 250, "and 250 controls");
  await judged(one, "controls");
  await app.getByRole("button", { name: /^3\. Stored/ }).click();
  await app.getByRole("button", { name: /^Not known/ }).click();
  await app.waitForTimeout(200);
  check((await app.locator(".heat table tbody tr").count()) > 5, "a row opens to a table, and a chip shows one status");
  await judged(one, "a requirement");
  await app.getByRole("button", { name: /^Not known/ }).click();
  await app.getByRole("button", { name: /^3\.3\.2 / }).click();
  await app.getByRole("button", { name: "Try it" }).waitFor();
  const said = await text(app);
  check(
    said.includes("What is missing") && said.includes("What shows it"),
    "a control says what shows it and what is missing",
  );
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
export async function drilled() {
  const what_if = [
    { op: "remove_link", from: "checkout", to: "card-vault" },
    { op: "add_link", from: "storefront", to: "ledger" },
  ];
  const one = await opened(["--demo"], { args: { what_if } });
  const { app, page } = one;
  await shown(app, "What-if: nothing is kept");
  check(
    (await app.locator('.edge.removed[aria-label^="shop to card-vault"]').count()) === 1,
    "a flow that goes is marked",
  );
  check((await app.locator('.edge.added[aria-label^="shop to ledger"]').count()) === 1, "a flow that comes is drawn");
  await app.getByRole("button", { name: "Show on the map" }).click();
  await page.waitForTimeout(200);
  check((await app.locator("svg.map .edge").count()) === 2, "the changed flows can be seen alone");
  await judged(one, "what-if of links");
  await page.close();
  const scoped = await opened(["--demo"], { args: { scope: "ledger" } });
  await loaded(scoped.app);
  check(
    (await scoped.app.locator(".node.centre").getAttribute("aria-label")).startsWith("ledger"),
    "a scope opens there",
  );
  await scoped.page.close();
}

/** By keys alone. */
export async function keyed() {
  const one = await opened(["--demo"], {});
  const { app, page } = one;
  await loaded(app);
  await app.locator('.node[tabindex="0"]').focus();
  const focused = () =>
    app.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent);
  const first = await focused();
  await page.keyboard.press("ArrowDown");
  const second = await focused();
  check(
    first !== second && /namespace|CDE|cluster|Connected/i.test(second),
    `arrow keys move between nodes: ${second}`,
  );
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
  check(
    (await app.locator('.cells .cell[tabindex="0"]').count()) === 1,
    "the heat map is one stop of the tabulator key",
  );
  await page.close();
}
