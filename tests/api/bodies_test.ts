/** Bodies are read within limits of size and time. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { boundedBody } from "../../routes/body.ts";
import { onRouteError } from "../../routes/problem.ts";
import { apiKey } from "../support/server.ts";
import { startWithRooms } from "./calls.ts";

const encoder = new TextEncoder();

/** A server that answers with the length of what it was sent. */
function start() {
  const app = new Hono();
  const faults: unknown[] = [];
  app.onError(onRouteError((error) => faults.push(error)));
  app.post(
    "/",
    boundedBody({ maxBytes: 100, maxMs: 50 }),
    async (c) => c.text(`${(await c.req.text()).length}`),
  );
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return { port: server.addr.port, faults, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Sends bytes by hand and returns the status and the last line of the answer. */
async function exchange(port: number, text: string): Promise<[status: string, body: string]> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(encoder.encode(text));
  const answer = new Uint8Array(65_536);
  const length = await connection.read(answer) ?? 0;
  connection.close();
  const lines = new TextDecoder().decode(answer.subarray(0, length)).split("\r\n");
  return [lines[0]?.split(" ")[1] ?? "", lines.at(-1) ?? ""];
}

const head = "POST / HTTP/1.1\r\nHost: x\r\n";
const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
const exchanges: [string, string, string, string?][] = [
  ["a body", `${head}Content-Length: 3\r\n\r\nabc`, "200", "3"],
  ["no body", `${head}Content-Length: 0\r\n\r\n`, "200", "0"],
  ["a body in chunks", `${chunked}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`, "200", "5"],
  ["100 bytes", `${head}Content-Length: 100\r\n\r\n${"x".repeat(100)}`, "200", "100"],
  ["a length over the limit, before its body", `${head}Content-Length: 101\r\n\r\n`, "413"],
  ["chunks over the limit", `${chunked}65\r\n${"x".repeat(101)}\r\n`, "413"],
  ["a body that never comes", `${head}Content-Length: 5\r\n\r\n`, "408"],
  ["a body that stops", `${head}Content-Length: 5\r\n\r\nab`, "408"],
  ["chunks that stop", `${chunked}3\r\nabc\r\n`, "408"],
];
for (const [what, text, status, body] of exchanges) {
  Deno.test(`bodies: ${what}: ${status}`, async () => {
    await using server = start();
    const answer = await exchange(server.port, text);
    assert.equal(answer[0], status);
    if (body !== undefined) assert.equal(answer[1], body);
    assert.deepEqual(server.faults, []);
  });
}

Deno.test("bodies: clients that send half a body and leave do no harm to a server", async () => {
  await using server = await startWithRooms();
  for (const path of ["/api/publish", "/v1/commands", "/api/batch", "/store/orders"]) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    const lines = [
      `POST ${path} HTTP/1.1`,
      "Host: x",
      `X-API-Key: ${apiKey}`,
      "Content-Type: application/json",
      "Content-Length: 100",
      "",
      '{"cha',
    ];
    await connection.write(encoder.encode(lines.join("\r\n")));
    connection.close();
  }
  const answer = await server.api("publish", { channel: "public:a", data: 1 });
  assert.ok("result" in answer);
  assert.doesNotMatch(server.output(), /unhandled|fault/);
});
