/** The server with the example's source, and what its subscribers print. */
import { freePort, startServer, type TestServer } from "../support/server.ts";
import { exampleText, type Running } from "./example.ts";

export interface Order {
  readonly id: string;
  readonly status: string;
}

/** docs/examples/channels.json, but for the interval. */
export async function exampleChannels(backEnd: number, every: string): Promise<unknown> {
  const text = await exampleText("channels.json", { backEnd });
  return JSON.parse(text.replace('"every": "2s"', `"every": "${every}"`));
}

export async function startWith(backEnd: number, every: string): Promise<TestServer> {
  return await startServer({ channels: await exampleChannels(backEnd, every) });
}

/** A back end that knows nothing of any push. */
export function startOrders() {
  const orders = new Map<string, Order>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: freePort(), onListen() {} },
    () => Response.json([...orders.values()]),
  );
  return {
    port: server.addr.port,
    orders,
    set: (id: string, status: string) => void orders.set(id, { id, status }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Resolves when the program has printed these orders, as `id:status`. */
export async function shows(program: Running, ...wanted: string[]): Promise<void> {
  await program.until((line) => {
    const orders: readonly Order[] = JSON.parse(line);
    const shown = orders.map(({ id, status }) => `${id}:${status}`).sort();
    return shown.join() === wanted.toSorted().join();
  });
}
