/** What the client asks of a platform: browsers of the last years, Node 20 and React Native. */
import assert from "node:assert/strict";
import { entries } from "../../tools/client/entries.ts";
import { typeScriptErrors } from "../support/typescript.ts";

const root = new URL("../../", import.meta.url).pathname;

/** `Promise.withResolvers` and iterators' methods, to name two, are missing in Node 20. */
Deno.test("client: it uses nothing of the language that is newer than ES2022", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const errors = await typeScriptErrors(folder, {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        target: "es2022",
        lib: ["es2022", "dom"],
        module: "esnext",
        moduleResolution: "bundler",
        allowImportingTsExtensions: true,
        types: [],
      },
      files: entries.map(({ module }) => `${root}${module}`),
    });
    assert.deepEqual(errors, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
