/**
 * Through every proxy, in Deno and in Chromium: 10,000 numbers arrive once and in order. With
 * MATRIX_TABLE set, the results are written into docs/client-networks.md. MATRIX_ONLY takes the cases
 * with that in their names, MATRIX_TOGETHER is how many run side by side, MATRIX_SHOW prints the table.
 */
import { launchBrowser } from "../../support/browser.ts";
import { testWith } from "../../support/programs.ts";
import { startServer } from "../../support/server.ts";
import { type Case, cases } from "./cases.ts";
import { namespace, type Row, runCase } from "./run.ts";
import { tableOf, withTable } from "./table.ts";

const document = new URL("../../../docs/client-networks.md", import.meta.url);
const writes = Deno.env.has("MATRIX_TABLE");
/** Cases at a time; with fewer they disturb each other's latencies less. */
const together = Number(Deno.env.get("MATRIX_TOGETHER") ?? (writes ? 2 : 6));
const only = Deno.env.get("MATRIX_ONLY");
const chosen = cases.filter(({ name }) => only === undefined || name.includes(only));
const needs = [...new Set(chosen.flatMap((one) => one.needs))];

testWith(["chromium", ...needs], "client: 10,000 numbers through every proxy", async (t) => {
  await using server = await startServer({ channels: { namespaces: [namespace] } });
  await using browser = await launchBrowser();
  const rows = new Map<Case, readonly Row[]>();
  // The longest first.
  const waiting = chosen.toSorted((a, b) => b.silentMs - a.silentMs);
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const current = one;
      await t.step({
        name: current.name,
        // Steps side by side cannot be told apart; the test as a whole is looked after.
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
        fn: async () => void rows.set(current, await runCase(current, server, browser)),
      });
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  const table = tableOf(chosen.flatMap((one) => rows.get(one) ?? []));
  // deno-lint-ignore no-console -- for who runs it by hand
  if (Deno.env.has("MATRIX_SHOW")) console.log(table);
  if (!writes || chosen.length < cases.length || rows.size < cases.length) return;
  await Deno.writeTextFile(document, withTable(await Deno.readTextFile(document), table));
});
