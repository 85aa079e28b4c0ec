/** The commands of a shell, as the README gives them. */
import assert from "node:assert/strict";
import { within } from "../support/clients/eventually.ts";
import { requireProgram, testWith } from "../support/programs.ts";
import { apiKey, startServer } from "../support/server.ts";

testWith(["curl"], "curl -N receives what curl publishes", async () => {
  await using server = await startServer();
  const events = `${server.url}/v1/events?channels=public:hello`;
  await using lines = curlLines(["-N", "-s", "-H", "Accept: text/event-stream", events]);
  await lines.until((line) => line === "event: subscribed");
  const cursor = await lines.until((line) => line.startsWith("id: "));
  const message = { channel: "public:hello", data: { text: "xin chào" } };
  const answer = JSON.parse(await curl(publishing(server.url, message)));
  assert.equal(answer.result.offset, 1);
  const { channel, pub } = JSON.parse(
    (await lines.until((line) => line.includes("xin chào"))).slice("data: ".length),
  );
  assert.deepEqual([channel, pub.data, pub.offset], ["public:hello", message.data, 1]);

  // From the position before it, on a new stream.
  const id = `Last-Event-ID: ${cursor.slice("id: ".length)}`;
  await using again = curlLines(["-N", "-s", "-H", "Accept: text/event-stream", "-H", id, events]);
  assert.match(await again.until((line) => line.startsWith("data: ")), /"recovered":true/);
  assert.match(await again.until((line) => line.startsWith("data: ")), /xin chào/);
});

testWith(["curl"], "a long-poll loop of curl misses nothing", async () => {
  await using server = await startServer();
  const events = `${server.url}/v1/events?channels=public:hello`;
  let { cursor } = JSON.parse(await curl(["-s", events]));
  const numbers: number[] = [];
  for (let round = 0; round < 3; round++) {
    const waiting = curl(["-s", `${events}&cursor=${cursor}`]);
    for (const n of [1, 2, 3]) {
      const message = { channel: "public:hello", data: { n: round * 3 + n } };
      await curl(publishing(server.url, message));
    }
    const answer = JSON.parse(await waiting);
    for (const { pub } of answer.messages) numbers.push(pub.data.n);
    cursor = answer.cursor;
  }
  const rest = JSON.parse(await curl(["-s", `${events}&cursor=${cursor}&wait=0`]));
  for (const { pub } of rest.messages) numbers.push(pub.data.n);
  assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const empty = JSON.parse(await curl(["-s", `${events}&cursor=${rest.cursor}&wait=0`]));
  assert.deepEqual(empty.messages, []);
});

function publishing(url: string, message: unknown): string[] {
  const json = "Content-Type: application/json";
  const key = `X-API-Key: ${apiKey}`;
  return ["-s", `${url}/api/publish`, "-H", key, "-H", json, "-d", JSON.stringify(message)];
}

async function curl(args: string[]): Promise<string> {
  const { success, code, stdout } = await new Deno.Command(requireProgram("curl"), {
    args,
    stdin: "null",
  }).output();
  assert.ok(success, `curl ended with ${code}`);
  return new TextDecoder().decode(stdout);
}

/** curl while it runs; disposing ends it. */
function curlLines(args: string[]) {
  const process = new Deno.Command(requireProgram("curl"), {
    args,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const nextLine = async () => {
    while (!text.includes("\n")) {
      const { value } = await within(reader.read(), "a line of curl's");
      if (value === undefined) throw new Error("curl has ended");
      text += value;
    }
    const line = text.slice(0, text.indexOf("\n"));
    text = text.slice(line.length + 1);
    return line;
  };
  return {
    /** The next line of which that is true; those before it are passed over. */
    async until(wanted: (line: string) => boolean): Promise<string> {
      for (;;) {
        const line = await nextLine();
        if (wanted(line)) return line;
      }
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await reader.cancel();
      await process.status;
    },
  };
}
