/** The bare Deno server to compare with. */
import { freePort } from "../../tests/support/server.ts";
import { type Child, startChild } from "./child.ts";

export interface BareServer extends Child {
  readonly port: number;
  readonly url: string;
}

const program = new URL("../bare/websocket.ts", import.meta.url).pathname;

/** @param groupSize sockets to each group. */
export async function startBare(groupSize = 1): Promise<BareServer> {
  const port = freePort();
  const args = ["run", "--allow-net", program, `${port}`, `${groupSize}`];
  const child = await startChild(Deno.execPath(), args);
  return { ...child, port, url: `http://127.0.0.1:${port}/` };
}

/** What the push envelope adds to a message, so that both servers send frames of the same size. */
export const envelopeBytes = 45;
