import assert from "node:assert/strict";
import type { End } from "../support/clients/client.ts";
import { eventually, within } from "../support/clients/eventually.ts";
import { connections } from "../support/clients/metrics.ts";
import { openRaw } from "../support/clients/raw.ts";
import { type Case, fresh } from "./suite.ts";

export async function endingSteps({ server, transport, open, step }: Case): Promise<void> {
  const { url, port } = server;
  const count = async (n: number) =>
    await eventually(async () => await connections(url, transport) === n, `${n} connections`);

  await step("forgets a client that has vanished", async () => {
    await count(0);
    const channel = fresh();
    await server.api("publish", { channel, data: 1 });
    const { result } = await server.api("history", { channel });
    const { epoch } = result as { epoch: string };
    // A long-poll waits only with a position.
    const vanishing = [];
    for (let i = 0; i < 5; i++) {
      vanishing.push(await openRaw(transport, port, channel, `&since=${epoch}:1`));
    }
    await count(5);
    for (const connection of vanishing) connection.close();
    await count(0);
  });

  await step("frees the connection of a client that goes properly", async () => {
    const client = await open(url, { channels: [fresh()] });
    await count(1);
    await client[Symbol.asyncDispose]();
    await count(0);
  });

  await step("is told of the shutdown, and the process ends", async () => {
    await using client = await open(url, { channels: [fresh()] });
    await using idle = await open(url, { channels: [fresh()] });
    await count(2);
    const [status, ...ends] = await within(
      Promise.all([server.signal("SIGTERM"), client.closed, idle.closed]),
      "shutdown",
    );
    assert.equal(status.code, 0, server.output());
    for (const end of ends) assertTold(transport, end);
    assert.doesNotMatch(server.output(), /took too long|unhandled|fault/);
  });
}

function assertTold(transport: Case["transport"], end: End): void {
  // A waiting request is answered at once; the next one finds the door shut.
  if (transport === "long_poll") assert.ok(end.code === 503 || end.code === 0, `${end.code}`);
  else assert.deepEqual(end, { code: 3001, reason: "shutdown" });
}
