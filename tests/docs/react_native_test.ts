/** The example for React Native, where what React Native lacks is not there. */
import assert from "node:assert/strict";
import { isUpgrade, startProxy } from "../client/proxy.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { bundleFolder } from "./bundle_folder.ts";
import { exampleFolder, exampleText, run, type Running } from "./example.ts";

/** Deno's globals but for those, and responses that can be read as a whole alone. */
const platform = `
for (
  const name of ["reportError", "EventSource", "localStorage", "addEventListener",
    "structuredClone", "TextDecoderStream"]
) {
  Object.defineProperty(globalThis, name, { value: undefined });
}
// As react-native-get-random-values gives it.
const real = globalThis.crypto;
Object.defineProperty(globalThis, "crypto", {
  value: { getRandomValues: (array) => real.getRandomValues(array) },
});
Promise.withResolvers = undefined;
Object.defineProperty(Response.prototype, "body", { value: undefined });
`;
const program = `
import "./platform.js";
import { client } from "./react_native_client.js";
import { followState } from "./follow.js";

client.status.subscribe(({ name, transport }) => console.log(name, transport));
followState(client.state("tasks:today"), (tasks) =>
  console.log(JSON.stringify([...tasks.values()].map(({ text }) => text)))
);
const mine = client.state("tasks:today");
mine.publish("mine", { text: "Call Lan" });
`;

async function start(server: TestServer, port: number) {
  const { path, ...folder } = await exampleFolder({ server: port });
  const client = await (await fetch(`${server.url}/client.js`)).text();
  await Deno.writeTextFile(`${path}/nhip-client.js`, client);
  await Deno.writeTextFile(`${path}/platform.js`, platform);
  await Deno.writeTextFile(`${path}/program.js`, program);
  await bundleFolder(path, "program.js", "bundled.js");
  const text = await Deno.readTextFile(`${path}/bundled.js`);
  await Deno.writeTextFile(`${path}/bundled.js`, `// deno run --allow-net bundled.js\n${text}`);
  const running = await run(path, "bundled.js");
  return {
    running,
    async [Symbol.asyncDispose]() {
      await running.kill();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const shows = (running: Running, ...texts: string[]) =>
  running.until((line) =>
    line.startsWith("[") && JSON.parse(line).sort().join() === texts.sort().join()
  );

for (const transport of ["websocket", "long_poll"] as const) {
  Deno.test(`docs: react_native_client.js needs no more than there is, over ${transport}`, async () => {
    await using server = await startServer({
      channels: JSON.parse(await exampleText("live_list.json")),
    });
    await using proxy = startProxy(server.port);
    proxy.rule = (head) => transport === "long_poll" && isUpgrade(head) ? "refuse" : "pass";
    await server.api("map_publish", {
      channel: "tasks:today",
      key: "milk",
      data: { text: "Buy milk" },
    });
    await using started = await start(server, Number(new URL(proxy.url).port));
    const { running } = started;
    assert.ok(await running.until((line) => line === `online ${transport}`));
    await shows(running, "Buy milk", "Call Lan");
    proxy.cut();
    await server.api("map_remove", { channel: "tasks:today", key: "milk" });
    await shows(running, "Call Lan");
  });
}
