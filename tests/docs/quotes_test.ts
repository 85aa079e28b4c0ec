/** What the documents show is what the tests run. */
import assert from "node:assert/strict";

const docs = new URL("../../docs/", import.meta.url);

/** Without the comment at its head, which says how to run it. */
function quotable(text: string): string {
  const lines = text.split("\n");
  const end = /^(\/\/|#)/.test(lines[0] ?? "") ? lines.indexOf("") + 1 : 0;
  return lines.slice(end).join("\n");
}

/** A link to an example at the end of a paragraph, and the code that follows it. */
const quotation = /\]\(examples\/([\w.]+)\)[^\n]*:\n\n```\w+\n([\s\S]*?)```/g;

async function quoted(): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for await (const { name } of Deno.readDir(docs)) {
    if (!name.endsWith(".md")) continue;
    const text = await Deno.readTextFile(new URL(name, docs));
    for (const [, file = "", code = ""] of text.matchAll(quotation)) {
      all.set(`${name}: ${file}`, code);
    }
  }
  return all;
}

Deno.test("docs: quoted code is the text of the example that is tested", async () => {
  const all = await quoted();
  for (const [where, code] of all) {
    const file = where.split(": ")[1] ?? "";
    const text = await Deno.readTextFile(new URL(`examples/${file}`, docs));
    assert.equal(code, quotable(text), where);
  }
});

Deno.test("docs: every example is quoted somewhere", async () => {
  const files = new Set([...(await quoted()).keys()].map((where) => where.split(": ")[1]));
  for await (const { name } of Deno.readDir(new URL("examples", docs))) {
    assert.ok(files.has(name), `${name} is quoted by none of the documents`);
  }
});

Deno.test("docs: links between files lead somewhere", async () => {
  for await (const { name } of Deno.readDir(docs)) {
    if (!name.endsWith(".md")) continue;
    const text = await Deno.readTextFile(new URL(name, docs));
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const stat = await Deno.stat(new URL(target, docs)).catch(() => null);
      assert.ok(stat !== null, `${name} links to ${target}, which is not there`);
    }
  }
});
