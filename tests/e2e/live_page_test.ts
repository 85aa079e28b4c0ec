/** Who gets the page of a state channel. */
import assert from "node:assert/strict";
import { startServer } from "../support/server.ts";

const channels = {
  namespaces: [
    {
      name: "open",
      history: { size: 10, ttl: "1m" },
      keyed: {},
      allow: { subscribe: "anyone" },
    },
    { name: "mine", history: { size: 10, ttl: "1m" }, keyed: {} },
    { name: "secret", history: { size: 10, ttl: "1m" }, keyed: {}, allow: { subscribe: "token" } },
  ],
};

/** The status, and the page for those who get one; asked for under a name. */
async function ask(port: number, channel: string, host = "127.0.0.1") {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const path = `/live/${encodeURIComponent(channel)}`;
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const text = await new Response(connection.readable).text();
  return { status: Number(text.split(" ")[1]), text };
}

Deno.test("live page: in development, for state channels one may subscribe to", async () => {
  await using server = await startServer({ dev: true, channels });
  const statusOf = async (channel: string, host?: string) =>
    (await ask(server.port, channel, host)).status;
  assert.equal(await statusOf("open:a"), 200);
  assert.equal(await statusOf("mine:a"), 200);
  assert.equal(await statusOf("secret:a"), 404);
  assert.equal(await statusOf("public:a"), 404, "a plain stream");
  assert.equal(await statusOf("nowhere:a"), 404);
  assert.match((await ask(server.port, "public:a")).text, /public:a is no state channel that/);
  assert.match((await ask(server.port, "mine:a")).text, /"token":"ey/);
  const { text } = await ask(server.port, "open:</script><b>");
  assert.doesNotMatch(text, /<b>/);
  assert.match(text, /"token":null/);
  assert.match(text, /content-security-policy: default-src 'none'/i);
});

Deno.test("live page: its token is for localhost and addresses alone", async () => {
  await using server = await startServer({ dev: true, channels, env: { HOST: "0.0.0.0" } });
  assert.equal((await ask(server.port, "open:a", "nhip.test")).status, 200);
  assert.equal((await ask(server.port, "mine:a", "nhip.test")).status, 404);
  assert.equal((await ask(server.port, "mine:a", "192.168.1.7")).status, 200);
});

Deno.test("live page: not in production", async () => {
  await using server = await startServer({ channels });
  assert.equal((await ask(server.port, "open:a")).status, 404);
});
