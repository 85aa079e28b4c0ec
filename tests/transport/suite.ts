/** What every transport keeps, run against the real server (PROTOCOL.md 1 to 3). */
import type { TransportName } from "../../lib/transport/transport.ts";
import type { OpenClient, TestClient } from "../support/clients/client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { deliverySteps } from "./delivery.ts";
import { endingSteps } from "./ending.ts";
import { recoverySteps } from "./recovery.ts";
import { refusalSteps } from "./refusals.ts";

export interface Case {
  readonly server: TestServer;
  readonly transport: TransportName;
  readonly open: OpenClient;
  readonly step: (name: string, run: () => Promise<void>) => Promise<boolean>;
}

const anyone = { subscribe: "anyone", history: "anyone" };
const channels = {
  namespaces: [
    { name: "log", history: { size: 20_000, ttl: "1h" }, allow: anyone },
    { name: "short", history: { size: 5, ttl: "1h" }, allow: anyone },
    { name: "members", history: { size: 5, ttl: "1h" }, allow: { subscribe: "user" } },
    { name: "shut", allow: { subscribe: "nobody" } },
  ],
};

export function transportSuite(transport: TransportName, open: OpenClient): void {
  Deno.test(`${transport}: what every transport keeps`, async (t) => {
    await using server = await startServer({ channels });
    const step: Case["step"] = (name, run) => t.step(name, run);
    const all = { server, transport, open, step };
    await deliverySteps(all);
    await recoverySteps(all);
    await refusalSteps(all);
    // The last of them ends the server.
    await endingSteps(all);
  });
}

let made = 0;

/** The name of a channel that no other test uses. */
export function fresh(namespace = "log"): string {
  return `${namespace}:${++made}`;
}

/** The next `count` messages. */
export async function take(client: TestClient, count: number) {
  const taken = [];
  while (taken.length < count) taken.push(await client.next());
  return taken;
}

export async function takeData(client: TestClient, count: number): Promise<unknown[]> {
  return (await take(client, count)).map(({ data }) => data);
}
