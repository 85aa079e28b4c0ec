/** What a page pays for the client. */
import assert from "node:assert/strict";
import { clientFiles } from "../../tools/client/files.ts";

/** Bytes, minified and compressed with gzip. */
const most: Readonly<Record<string, number>> = {
  // WebSocket, SSE, long-poll, resuming.
  "client/streams.js": 6_144,
  // All of it: state channels, calls and what belongs to them.
  "client.js": 11_520,
};

Deno.test("client: the scripts are small", async () => {
  const files = await clientFiles({ minify: true });
  for (const [name, limit] of Object.entries(most)) {
    const bytes = files.find((file) => file.name === name)?.bytes;
    assert.ok(bytes !== undefined, name);
    const byteLength = await gzipped(bytes);
    // deno-lint-ignore no-console -- worth knowing before it is too much
    console.log(`/${name}: ${byteLength} of ${limit} bytes (min+gzip), ${bytes.length} minified`);
    assert.ok(byteLength <= limit, `${name}: ${byteLength} bytes min+gzip, at most ${limit}`);
  }
});

/** By the program, which makes more of it than zlib does. */
async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const child = new Deno.Command("gzip", { args: ["-9c"], stdin: "piped", stdout: "piped" })
    .spawn();
  const [{ stdout }] = await Promise.all([
    child.output(),
    new Blob([bytes]).stream().pipeTo(child.stdin),
  ]);
  return stdout.byteLength;
}
