/** What `deno task dev` says, and does when a file changes. */
import assert from "node:assert/strict";
import { eventually } from "../support/clients/eventually.ts";
import { startDevelopment } from "./development.ts";

Deno.test("development: it says that it builds, and when what has changed is live", async () => {
  await using development = await startDevelopment();
  const { url, folder, output } = development;
  assert.match(output(), /^dev: building the pages …\n[^]*Nhịp {3}/m);
  const styleOf = async () => {
    const text = await (await fetch(`${url}/?lang=en`)).text();
    return /href="([^"]*page\.[^"]*\.css)"/.exec(text)?.[1];
  };
  const before = await styleOf();
  assert.ok(before !== undefined);
  await Deno.writeTextFile(`${folder}/static/page.css`, "/* more */\n", { append: true });
  const isLive = (count: number) => output().split("the new pages are live").length === count + 1;
  await eventually(() => isLive(1), "the style sheet", 20_000);
  assert.match(output(), /^dev: static\/page\.css changed …\ndev: the new pages are live, after /m);
  assert.notEqual(await styleOf(), before);
  // No part of what browsers load, so that the server alone begins anew.
  await Deno.writeTextFile(`${folder}/routes/pages.tsx`, "\n// more\n", { append: true });
  await eventually(() => isLive(2), "the server", 20_000);
  await eventually(() => output().match(/ listening /g)?.length === 2, "another server", 20_000);
});
