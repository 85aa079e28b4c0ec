/** What docs/client.md says of the client is so: its diagram, its defaults. */
import assert from "node:assert/strict";
import { explore, keyOf, ladder } from "./explore.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

/** As Mermaid has them, which GitHub draws: `a --> b : this, that`. */
function transitions(): string[] {
  const events = new Map<string, Set<string>>();
  for (const { from, name, to } of explore(ladder)) {
    if (keyOf(from) === keyOf(to)) continue;
    const edge = `${from.name} --> ${to.name}`;
    events.set(edge, (events.get(edge) ?? new Set()).add(name));
  }
  return [...events].map(([edge, names]) => `${edge} : ${[...names].sort().join(", ")}`).sort();
}

Deno.test("docs: the client's diagram shows what its machine does", async () => {
  const text = await read("docs/client.md");
  const [, diagram = ""] = /```mermaid\n([\s\S]*?)```/.exec(text) ?? [];
  const drawn = diagram.split("\n").map((line) => line.trim())
    .filter((line) => line.includes("-->") && !line.includes("[*]"));
  const expected = transitions();
  assert.deepEqual(drawn.toSorted(), expected, `it is to have\n    ${expected.join("\n    ")}`);
});

Deno.test("docs: the client's options are all there, with their defaults", async () => {
  const [text, api, code] = await Promise.all(
    ["docs/client.md", "lib/client/api.ts", "lib/client/connections.ts"].map(read),
  );
  assert.ok(text !== undefined && api !== undefined && code !== undefined);
  const rows = new Map(
    [...text.matchAll(/^\| `([\w.]+)` +\| ([^|]*?) +\|/gm)].map(([, name, value]) => [name, value]),
  );
  const members = (name: string) => {
    const [, body = ""] = new RegExp(`interface ${name}\\b[^{]*{([\\s\\S]*?)\\n}`).exec(api) ?? [];
    return [...body.matchAll(/readonly (\w+)\??:/g)].map(([, member = ""]) => member);
  };
  const groups = ["backoff", "timing", "environment"];
  const options = [...members("StreamsOptions"), ...members("ConnectOptions")]
    .filter((name) => !groups.includes(name));
  assert.ok(options.length > 4);
  for (const name of options) assert.ok(rows.has(name), name);
  for (const name of members("Environment")) assert.ok(rows.has(`environment.${name}`), name);
  for (const [group, name] of [["timing", "Timing"], ["backoff", "Backoff"]]) {
    for (const member of members(name ?? "")) {
      const said = rows.get(`${group}.${member}`)?.replaceAll(/[ ms]/g, "").replaceAll(",", "_");
      assert.match(code, new RegExp(`\\b${member}: ${said}\\b`), `${group}.${member}: ${said}`);
    }
  }
});
