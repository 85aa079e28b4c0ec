/** The bare Deno server to compare with. */
import { freePort } from "../../tests/support/server.ts";
import { type Child, startChild } from "./child.ts";

export interface BareServer extends Child {
  readonly port: number;
  readonly url: string;
}

/** Hands on messages. @param groupSize sockets to each group. */
export function startBare(groupSize = 1): Promise<BareServer> {
  return start("websocket", groupSize);
}

/** Hands out a state. @param size bytes of an entry. */
export function startBareSnapshot(keys: number, size: number): Promise<BareServer> {
  return start("snapshot", keys, size);
}

async function start(name: string, ...numbers: readonly number[]): Promise<BareServer> {
  const port = freePort();
  const program = new URL(`../bare/${name}.ts`, import.meta.url).pathname;
  const args = ["run", "--allow-net", program, ...[port, ...numbers].map(String)];
  const child = await startChild(Deno.execPath(), args);
  return { ...child, port, url: `http://127.0.0.1:${port}/` };
}

/** What the push envelope adds to a message, so that both servers send frames of the same size. */
export const envelopeBytes = 45;
