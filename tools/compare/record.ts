/** Keeps what was measured for the page and in the documentation. */
import type { Recorded } from "../../islands/compare/recorded.ts";
import { markdownOf } from "./markdown.ts";

const root = new URL("../../", import.meta.url);
const begin = "<!-- deno task compare --record -->\n";
const end = "<!-- end -->";

export async function record(measured: Recorded): Promise<void> {
  const file = new URL("islands/compare/recorded.json", root);
  await Deno.writeTextFile(file, `${JSON.stringify(measured, rounded, 2)}\n`);
  const page = new URL("docs/compare.md", root);
  const text = await Deno.readTextFile(page);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new Error("docs/compare.md has no place for the table");
  await Deno.writeTextFile(
    page,
    `${text.slice(0, from)}\n${markdownOf(measured)}\n\n${text.slice(to)}`,
  );
}

/** Digits beyond these were not measured. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}
