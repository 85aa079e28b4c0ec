/** docs/bridge.md and the README name what there is. */
import assert from "node:assert/strict";
import { sourceSchema } from "../../lib/bridge/source_schema.ts";
import { parseChannelsFile } from "../../lib/channels_file.ts";

const root = new URL("../../", import.meta.url);
const reference = await Deno.readTextFile(new URL("docs/bridge.md", root));

/** The names in the first column of the table under a heading. */
function namesUnder(heading: string): string[] {
  const section = reference.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const cells = [...section.matchAll(/^\| ([^|]*`[^|]*)\|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.replace(/\{.*/, ""))
  );
}

Deno.test("docs: bridge.md has every field of a source, and no other", () => {
  const fields = Object.keys(sourceSchema.shape)
    .map((name) => name === "allow" ? "allow.subscribe" : name);
  assert.deepEqual(namesUnder("Sources").sort(), fields.sort());
});

Deno.test("docs: bridge.md has every kind of error, and no other", async () => {
  const text = await Deno.readTextFile(new URL("lib/bridge/poll_error.ts", root));
  const [, union = ""] = /export type PollErrorKind =([\s\S]*?);/.exec(text) ?? [];
  const kinds = [...union.matchAll(/"(\w+)"/g)].map(([, kind = ""]) => kind);
  const ofSharedPolls = ["refused"];
  const expected = kinds.filter((kind) => !ofSharedPolls.includes(kind)).sort();
  assert.deepEqual(namesUnder("Errors").sort(), expected);
});

Deno.test("docs: bridge.md's metrics are those that there are", async () => {
  const text = await Deno.readTextFile(new URL("lib/ops/metrics.ts", root));
  const named = namesUnder("Metrics");
  assert.equal(named.length, 3);
  for (const name of named) assert.ok(text.includes(`"${name.replace("nhip_", "")}"`), name);
});

Deno.test("docs: each CHANNELS_FILE that is shown is one", async () => {
  let shown = 0;
  for (const file of ["README.md", "docs/bridge.md", "docs/from-polling-to-push.md"]) {
    const text = await Deno.readTextFile(new URL(file, root));
    for (const [, json = ""] of text.matchAll(/```json\n([\s\S]*?)```/g)) {
      if (!/"(bridge|namespaces)"/.test(json)) continue;
      assert.ok(parseChannelsFile(json.replaceAll("http://…", "http://shop.example"), file));
      shown++;
    }
  }
  assert.ok(shown >= 4);
});
