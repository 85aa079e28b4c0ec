/** What a reader pays before the operations room is alive. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { bundle } from "../../tools/bundle.ts";

/** Bytes of script, minified and compressed with gzip; the map and the charts come later. */
const most = 60 * 1_024;

Deno.test("the operations room's script is small", async () => {
  const { code } = await bundle("islands/dashboard.tsx", { minify: true });
  const { byteLength } = gzipSync(code, { level: 9 });
  // deno-lint-ignore no-console -- worth knowing before it is too much
  console.log(`dashboard.js: ${byteLength} of ${most} bytes (min+gzip), ${code.length} minified`);
  assert.ok(byteLength <= most, `${byteLength} bytes min+gzip, at most ${most}`);
  const text = new TextDecoder().decode(code);
  for (const later of ["uPlot", "leaflet-container", "u-wrap"]) {
    assert.ok(!text.includes(later), `${later} is in the first script`);
  }
});
