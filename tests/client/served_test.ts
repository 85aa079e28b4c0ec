/** `/client.js` as pages and programs of other places load it. */
import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  ts: "application/typescript; charset=utf-8",
  map: "application/json",
};

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
}

Deno.test("client: served for any origin, with types and source map beside it", async (t) => {
  await using server = await startServer();
  const { url } = server;

  await t.step("each file has its type and may be read by any page", async () => {
    for (const name of ["client.js", "client.js.map", "client.d.ts"]) {
      const response = await fetch(`${url}/${name}`, { headers: { origin: "https://a.example" } });
      assert.equal(response.status, 200, name);
      assert.ok((await response.arrayBuffer()).byteLength > 1_000, name);
      const header = (header: string) => response.headers.get(header);
      assert.equal(header("content-type"), types[name.slice(name.lastIndexOf(".") + 1)], name);
      assert.equal(header("access-control-allow-origin"), "*", name);
      assert.equal(header("cross-origin-resource-policy"), "cross-origin", name);
      assert.equal(header("cache-control"), "public, max-age=300, must-revalidate", name);
      assert.equal(header("x-content-type-options"), "nosniff", name);
    }
  });

  await t.step("the script's headers name its types and its source map", async () => {
    const { headers, ...response } = await open(`${url}/client.js`);
    const at = (header: string) => new URL(headers.get(header) ?? "missing:", response.url).href;
    assert.equal(at("x-typescript-types"), `${url}/client.d.ts`);
    assert.equal(at("sourcemap"), `${url}/client.js.map`);
    const map: SourceMap = JSON.parse((await open(`${url}/client.js.map`)).text);
    assert.ok(map.sources.includes("lib/client/client.ts"), `${map.sources}`);
    assert.equal(map.sources.length, map.sourcesContent.length);
  });

  await t.step("who has it is told so, compressed or not", async () => {
    const first = await open(`${url}/client.js`);
    const etag = first.headers.get("etag") ?? "";
    for (const known of [etag, `W/"other", ${etag}`]) {
      const again = await open(`${url}/client.js`, { "if-none-match": known });
      assert.equal(again.status, 304, known);
      assert.equal(again.text, "");
      assert.equal(again.headers.get("etag"), etag);
      assert.equal(again.headers.get("access-control-allow-origin"), "*");
    }
    const other = await open(`${url}/client.js`, { "if-none-match": 'W/"other"' });
    assert.equal(other.status, 200);
    assert.equal(other.text, first.text);
    const plain = await open(`${url}/client.js`, { "accept-encoding": "identity" });
    assert.equal(plain.text, first.text);
    assert.equal(plain.headers.get("etag"), etag);
  });

  await t.step("nothing else is there", async () => {
    const names = [
      "client/manifest.json",
      "client/dashboard.js",
      "client/..%2fclient.js",
      "client",
    ];
    for (const name of names) {
      const { status, headers } = await open(`${url}/${name}`);
      assert.equal(status, 404, name);
      assert.equal(headers.get("content-type"), "application/problem+json", name);
    }
  });

  await t.step("Deno checks a program against the types of the script it imports", async () => {
    const right = `client.channel("news:a").publish("text")`;
    const wrong = `client.channel("news:a").publish(1)`;
    assert.equal(await checked(url, [right, right]), "");
    const said = await checked(url, [right, wrong]);
    assert.match(said, /'number' is not assignable to parameter of type 'string'/);
    assert.match(said, /program\.ts:4:/);
  });
});

/** What `deno check` finds wrong with a program that has the script from the server. */
async function checked(url: string, lines: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const program = [
      `import { connect } from "${url}/client.js";`,
      `const client = connect<{ news: { data: string; keyed: false } }>("${url}");`,
      ...lines.map((line) => `${line};`),
    ];
    await Deno.writeTextFile(`${folder}/program.ts`, program.join("\n"));
    const { stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: [
        "check",
        "--no-config",
        "--no-lock",
        `--allow-import=${new URL(url).host}`,
        "program.ts",
      ],
      cwd: folder,
      // What it fetches is not to stay in everybody's cache.
      env: { NO_COLOR: "1", DENO_DIR: `${folder}/cache` },
    }).output();
    return success ? "" : new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function open(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  const { status, url: at, headers: got } = response;
  return { status, url: at, headers: got, text: await response.text() };
}
