/** The built files as the server has them. */
import assert from "node:assert/strict";
import { assetLoader } from "../../routes/pages/assets.ts";

for (const mode of ["dev", "start"] as const) {
  Deno.test(`assets: what is built is read and compressed once (${mode})`, async () => {
    const load = assetLoader({ mode });
    const first = (await load()).named("page.css");
    assert.ok(first !== undefined);
    assert.ok(first.gzipped.byteLength < first.bytes.byteLength);
    const again = await load();
    assert.equal(again.get(first.file), first);
    assert.equal(again.address("page.css"), `/static/${first.file}`);
    assert.equal(again.get("page.css"), undefined);
    assert.equal(again.named("toString"), undefined);
    assert.throws(() => again.address("nothing.js"), /nothing.js was not built/);
  });
}
