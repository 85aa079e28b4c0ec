/** What the real program says of a variable it cannot start with: its name, and no stack. */
import assert from "node:assert/strict";
import { freePort } from "../support/server.ts";

const root = new URL("../../", import.meta.url).pathname;
const secret = "0123456789abcdef0123456789abcdef";

interface Attempt {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Exit code and all it wrote to stderr, without colours. */
async function attempt({ args, env }: Attempt): Promise<{ code: number; said: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    env: {
      NO_COLOR: "1",
      API_KEY: secret,
      TOKEN_SECRET: secret,
      ALLOWED_ORIGINS: "*",
      PORT: `${freePort()}`,
      ...env,
    },
    stdin: "null",
    stdout: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

const alone = ["run", "-A", "main.ts"];
const parallel = (port: string) => [
  ...["serve", "-A", "--parallel", "--host", "127.0.0.1", "--port", port],
  ...["main.ts", "served"],
];
const twice = '{"namespaces":[{"name":"ops"},{"name":"ops"}]}';
const known = '{"namespaces":[{"name":"public"}]}';

/** @param file contents of `channels.json`; the folder's path stands for `@` in `env` */
const refused: [string, readonly string[], Record<string, string>, string, RegExp][] = [
  ["no such channels file", alone, { CHANNELS_FILE: "@/none.json" }, "", /CHANNELS_FILE: No such/],
  ["a channels file that is not JSON", alone, {}, "{", /CHANNELS_FILE: .* is not JSON/],
  ["a namespace defined twice", alone, {}, twice, /CHANNELS_FILE: .*"ops" is defined twice/],
  ["a namespace there is already", alone, {}, known, /CHANNELS_FILE: .*"public" is defined twice/],
  ["a database that is a folder", alone, { KV_PATH: "@" }, "", /KV_PATH: \/.*: .+/],
  ["a database that is none", alone, { KV_PATH: "@/channels.json" }, twice, /KV_PATH: .+/],
  ["a folder inside a file", alone, { KV_PATH: "@/channels.json/a/kv" }, known, /KV_PATH: .+/],
  ["a port that is none", alone, { PORT: "0x" }, "", /PORT: is not a whole number/],
  ["a port that is none, parallel", parallel("0"), { PORT: "0x" }, "", /PORT: is not a whole/],
  [
    "memory: for several isolates",
    parallel("0"),
    { BROKER_URL: "memory:", DENO_JOBS: "2" },
    "",
    /BROKER_URL: memory: is one isolate's own; parallel needs edge:/,
  ],
];
for (const [what, args, given, file, expected] of refused) {
  Deno.test(`start refuses ${what}, naming the variable`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "nhip-start-" });
    try {
      await Deno.writeTextFile(`${folder}/channels.json`, file);
      // Where the database is at fault, the file is something else to it.
      const channels = file === "" || "KV_PATH" in given ? "" : `${folder}/channels.json`;
      const all = { KV_PATH: "@/kv.sqlite", CHANNELS_FILE: channels, ...given };
      const env = Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, value.replace("@", folder)]),
      );
      const { code, said } = await attempt({ args, env });
      assert.equal(code, 1, said);
      // Deno puts the isolate before the first line.
      assert.match(said, /^(\[serve-worker-\d+ *\] )?Cannot start:\n {2}/m);
      assert.match(said, expected);
      assert.doesNotMatch(said, /^\s+at |Uncaught|file:\/\//m);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("parallel's command line takes a port that is none as 0, for the server to refuse", async () => {
  for (const [given, port] of [["", "8000"], ["81", "81"], ["0x", "0"], ["65536", "0"]] as const) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-env", "tools/paths.ts", "port"],
      cwd: root,
      env: { PORT: given },
      stderr: "null",
    }).output();
    assert.equal(new TextDecoder().decode(stdout), port);
  }
});
