/** What a page pays for the client. */
import assert from "node:assert/strict";
import { bundle } from "../../tools/bundle.ts";

/** Bytes, minified and compressed with gzip: WebSocket, SSE, long-poll, resuming, state. */
const most = 6_144;

Deno.test("client: the script is small", async () => {
  const { code } = await bundle("lib/client/mod.ts", { minify: true });
  const zipped = new Blob([code]).stream().pipeThrough(new CompressionStream("gzip"));
  const { byteLength } = await new Response(zipped).arrayBuffer();
  // deno-lint-ignore no-console -- worth knowing before it is too much
  console.log(`/client.js: ${byteLength} of ${most} bytes (min+gzip), ${code.length} minified`);
  assert.ok(byteLength <= most, `${byteLength} bytes min+gzip, at most ${most}`);
});
