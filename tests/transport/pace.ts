import assert from "node:assert/strict";
import { numbers, publishAll } from "../support/clients/publish.ts";
import { type Case, fresh, takeData } from "./suite.ts";

const whole = (name: string, least: number, most: number, unit: string): [string, RegExp][] =>
  [`${least - 1}`, `${most + 1}`, `${least}.5`, "1e2", "-20", "x", ""].map((value) => [
    `${name}=${value}`,
    new RegExp(`${name} is not a whole number of ${unit} from ${least} to ${most}$`),
  ]);

const bad = [
  ...whole("ping", 10, 60, "seconds"),
  ...whole("batch", 10, 1_000, "milliseconds"),
];
const badOfEvents = [...bad, ...whole("probe", 100, 10_000, "milliseconds")];

export async function paceSteps({ server, transport, open, step }: Case): Promise<void> {
  const { url } = server;

  await step("gives each message once, in order, at a pace of the client's", async () => {
    const channel = fresh();
    const query = { ping: "10", batch: "50" };
    const options = { channels: [channel], query };
    let positions;
    {
      await using client = await open(url, options);
      await publishAll({ url, channel, size: 10 }, numbers(1, 40));
      assert.deepEqual(await takeData(client, 40), numbers(1, 40));
      positions = client.positions();
    }
    await publishAll({ url, channel, size: 10 }, numbers(41, 80));
    await using client = await open(url, { ...options, positions });
    assert.equal(client.started.get(channel)?.recovered, true);
    await publishAll({ url, channel, size: 10 }, numbers(81, 120));
    assert.deepEqual(await takeData(client, 80), numbers(41, 120));
  });

  await step("gathers more than it holds back, and loses none of it", async () => {
    const channel = fresh();
    await using client = await open(url, { channels: [channel], query: { batch: "1000" } });
    const big = numbers(1, 20).map((n) => `${n} ${"x".repeat(50_000)}`);
    await publishAll({ url, channel, size: 2 }, big);
    assert.deepEqual(await takeData(client, 20), big);
  });

  await step("refuses a pace that there is not, and says which there is", async () => {
    const socket = transport === "websocket";
    for (const [query, says] of socket ? bad : badOfEvents) {
      const path = socket
        ? `/connection/websocket?${query}`
        : `/v1/events?channels=${fresh()}&wait=0&${query}`;
      const accept = transport === "sse" ? "text/event-stream" : "*/*";
      const response = await fetch(`${url}${path}`, {
        headers: { accept, ...(socket && { upgrade: "websocket" }) },
      });
      assert.equal(response.status, 400, query);
      const { code, detail } = await response.json() as { code: number; detail: string };
      assert.equal(code, 107);
      assert.match(detail, says);
    }
  });
}
