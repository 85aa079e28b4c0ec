/** What every transport keeps, run against the real server (PROTOCOL.md 1 to 3). */
import type { TransportName } from "../../lib/transport/transport.ts";
import type { OpenClient, TestClient } from "../support/clients/client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { stateOpens } from "../support/clients/state/mod.ts";
import type { OpenStateClient } from "../support/clients/state/client.ts";
import { deliverySteps } from "./delivery.ts";
import { endingSteps } from "./ending.ts";
import { paceSteps } from "./pace.ts";
import { recoverySteps } from "./recovery.ts";
import { refusalSteps } from "./refusals.ts";
import { stateSteps } from "./state.ts";
import { stateChoiceSteps } from "./state_choice.ts";
import { stateRecoverySteps } from "./state_recovery.ts";

export interface Case {
  readonly server: TestServer;
  readonly transport: TransportName;
  readonly open: OpenClient;
  readonly step: (name: string, run: () => Promise<void>) => Promise<boolean>;
}

export interface StateCase extends Omit<Case, "open"> {
  readonly open: OpenStateClient;
}

const anyone = { subscribe: "anyone", history: "anyone" };
const channels = {
  namespaces: [
    { name: "log", history: { size: 20_000, ttl: "1h" }, allow: anyone },
    { name: "short", history: { size: 5, ttl: "1h" }, allow: anyone },
    { name: "members", history: { size: 5, ttl: "1h" }, allow: { subscribe: "user" } },
    { name: "shut", allow: { subscribe: "nobody" } },
    { name: "board", history: { size: 400, ttl: "1h" }, keyed: {}, filter: true, allow: anyone },
    { name: "brief", history: { size: 5, ttl: "1h" }, keyed: { ttl: "400ms" }, allow: anyone },
    { name: "steady", history: { size: 400, ttl: "1h" }, keyed: { maxRate: false }, allow: anyone },
  ],
};

/** Both brokers that one isolate can have. */
const brokers = ["edge:", "memory:"] as const;

export function transportSuite(transport: TransportName, open: OpenClient): void {
  for (const broker of brokers) {
    Deno.test(`${transport}: what state channels keep on every transport (${broker})`, async (t) => {
      await using server = await startServer({ channels, env: { BROKER_URL: broker } });
      const step: Case["step"] = (name, run) => t.step(name, run);
      const all = { server, transport, open: stateOpens[transport], step };
      await stateSteps(all);
      await stateRecoverySteps(all);
      await stateChoiceSteps(all);
    });
  }
  Deno.test(`${transport}: what every transport keeps`, async (t) => {
    await using server = await startServer({ channels });
    const step: Case["step"] = (name, run) => t.step(name, run);
    const all = { server, transport, open, step };
    await deliverySteps(all);
    await recoverySteps(all);
    await paceSteps(all);
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
