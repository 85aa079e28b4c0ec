/** Step two: the back end publishes; the bridge, asked seldom, repairs what failed. */
import assert from "node:assert/strict";
import { requireProgram, testWith } from "../support/programs.ts";
import { apiKey, freePort } from "../support/server.ts";
import { eventually } from "../support/clients/eventually.ts";
import { exampleFolder, run } from "./example.ts";
import { shows, startOrders, startWith } from "./world.ts";

async function write(port: number, id: string, status: string | null): Promise<void> {
  const url = `http://127.0.0.1:${port}/orders/${id}`;
  const response = status === null
    ? await fetch(url, { method: "DELETE" })
    : await fetch(url, { method: "PUT", body: JSON.stringify({ status }) });
  assert.equal(response.status, 204);
  await response.body?.cancel();
}

async function listening(port: number): Promise<void> {
  await eventually(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/orders`).catch(() => null);
    await response?.body?.cancel();
    return response?.ok === true;
  }, "the back end listens");
}

Deno.test("docs: back_end.js pushes each write, long before the next poll", async () => {
  const places = { server: freePort(), backEnd: freePort() };
  await using server = await startWith(places.backEnd, "1h");
  await using folder = await exampleFolder({ ...places, server: server.port });
  await using _backEnd = await run(folder.path, "back_end.js", { API_KEY: apiKey });
  await listening(places.backEnd);
  await write(places.backEnd, "o-1", "placed");
  await using program = await run(folder.path, "event_source.js");
  await shows(program, "o-1:placed");
  await write(places.backEnd, "o-1", "packed");
  await shows(program, "o-1:packed");
  await write(places.backEnd, "o-2", "placed");
  await shows(program, "o-1:packed", "o-2:placed");
  await write(places.backEnd, "o-1", null);
  await shows(program, "o-2:placed");
});

Deno.test("docs: what back_end.js could not publish comes with the next poll", async () => {
  const backEnd = freePort();
  await using server = await startWith(backEnd, "200ms");
  await using folder = await exampleFolder({ server: server.port, backEnd });
  await using program = await run(folder.path, "back_end.js", { API_KEY: "another key" });
  await listening(backEnd);
  await using subscriber = await run(folder.path, "event_source.js");
  await write(backEnd, "o-1", "placed");
  await shows(subscriber, "o-1:placed");
  await eventually(
    () => program.output().includes("not published: X-API-Key is missing or wrong"),
    "the failure is told",
  );
});

testWith(["curl"], "docs: publish.sh publishes", async () => {
  await using backEnd = startOrders();
  backEnd.set("o-1", "placed");
  await using server = await startWith(backEnd.port, "1h");
  await using folder = await exampleFolder({ server: server.port, backEnd: backEnd.port });
  await using subscriber = await run(folder.path, "event_source.js");
  await shows(subscriber, "o-1:placed");
  const curl = requireProgram("curl");
  const { stdout } = await new Deno.Command("sh", {
    args: [`${folder.path}/publish.sh`],
    env: { API_KEY: apiKey, PATH: `${curl.slice(0, curl.lastIndexOf("/"))}:/bin:/usr/bin` },
  }).output();
  assert.match(new TextDecoder().decode(stdout), /^\{"result":\{"offset":2,/);
  await shows(subscriber, "o-1:packed");
});
