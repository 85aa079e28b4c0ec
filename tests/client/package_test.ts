/** The npm package, installed from its tarball: run by Node, and checked by npm's TypeScript. */
import assert from "node:assert/strict";
import { packageName, tarball } from "../../tools/client/package.ts";
import { requireProgram, testWith } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { typeScriptErrors } from "../support/typescript.ts";

const root = new URL("../../", import.meta.url);
const runMs = 60_000;

/**
 * Says that it is subscribed, what it receives until the last, and over which transport. As Node 20
 * it has a WebSocket only where that is what it is to connect over.
 */
const program = `
import { connect } from "${packageName}";
const [url, transport] = process.argv.slice(2);
if (transport !== "websocket") delete globalThis.WebSocket;
const client = connect(url, transport === "long_poll" ? { transports: [transport] } : {});
const subscription = client.channel("public:package").subscribe();
await subscription.ready;
console.log("ready");
for await (const { data } of subscription) {
  console.log(JSON.stringify(data));
  if (data !== "last") continue;
  console.log(client.status.value.transport);
  break;
}
await client.close();
`;

const right = `
import { connect } from "${packageName}";
const client = connect<{ news: { data: string; keyed: false } }>(new URL("https://a.example/"));
void client.channel("news:a").publish("text");
`;
const wrong = right.replace(`"text"`, "1");

testWith(["node", "npm"], "package: installed from the tarball", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "nhip-package-" });
  try {
    await t.step("packed and installed without the network", () => install(folder));
    await using server = await startServer();
    for (const transport of ["sse", "long_poll", "websocket"]) {
      await t.step(`Node connects over ${transport}`, () => runNode(folder, server, transport));
    }
    await t.step(
      "the README's programs and right ones compile, a wrong one does not",
      () => typeCheck(folder),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function install(folder: string): Promise<void> {
  await output("deno", ["task", "--quiet", "pack"], root.pathname);
  const project = { private: true, type: "module" };
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(project));
  const file = new URL(`.nhip/npm/${tarball}`, root).pathname;
  const quiet = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await output("npm", ["install", ...quiet, "--cache", `${folder}/cache`, file], folder);
  await Deno.writeTextFile(`${folder}/program.js`, program);
}

async function runNode(folder: string, server: TestServer, transport: string): Promise<void> {
  const has = await output("node", ["-p", "typeof WebSocket"], folder);
  const flags = transport === "websocket" && has.startsWith("undefined")
    ? ["--experimental-websocket"]
    : [];
  const child = new Deno.Command(requireProgram("node"), {
    args: [...flags, "program.js", server.url, transport],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(runMs),
  }).spawn();
  const errors = new Response(child.stderr).text();
  const published = [1, { text: "xin chào" }, "last"];
  const lines: string[] = [];
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const all = `${rest}${text}`.split("\n");
    rest = all.pop() ?? "";
    // Its first line says that it is subscribed.
    if (lines.length === 0 && all.length > 0) {
      for (const data of published) {
        await server.api("publish", { channel: "public:package", data });
      }
    }
    lines.push(...all);
  }
  const { code } = await child.status;
  assert.equal(code, 0, `${await errors}\n${lines.join("\n")}`);
  const received = published.map((data) => JSON.stringify(data));
  assert.deepEqual(lines, ["ready", ...received, transport]);
}

async function typeCheck(folder: string): Promise<void> {
  const readme = await Deno.readTextFile(`${folder}/node_modules/${packageName}/README.md`);
  const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
  assert.ok(snippets.length > 1);
  for (const [at, text] of [...snippets, right, wrong].entries()) {
    const name = text === wrong ? "wrong" : `right_${at}`;
    await Deno.writeTextFile(`${folder}/${name}.ts`, text);
  }
  const errors = await typeScriptErrors(folder, {
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: "es2022",
      lib: ["es2022", "dom"],
      module: "nodenext",
      types: [],
    },
    include: ["*.ts"],
  });
  assert.equal(errors.length, 1, errors.join("\n"));
  assert.match(errors[0] ?? "", /^wrong\.ts\(4,\d+\): error TS2345: .*'number'.*'string'/);
}

type Tool = "deno" | "node" | "npm";

/** What it printed. */
async function output(program: Tool, args: readonly string[], cwd: string): Promise<string> {
  const path = program === "deno" ? Deno.execPath() : requireProgram(program);
  const command = new Deno.Command(path, { args: [...args], cwd, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const [said, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(success, `${program} ${args.join(" ")}: ${said}\n${errors}`);
  return said ?? "";
}
