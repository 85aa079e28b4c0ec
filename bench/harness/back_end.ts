/** npm's json-server with some orders, as a process of its own. */
import { freePort } from "../../tests/support/server.ts";
import { type Child, startChild } from "./child.ts";
import type { Order } from "./orders.ts";

export interface BackEnd extends AsyncDisposable {
  readonly pid: number;
  /** Of the collection. */
  readonly url: string;
  /** How often the whole collection was asked for so far. */
  requests(): Promise<number>;
  /** Resolves with the order as it is then, once the change is acknowledged. */
  change(order: Order): Promise<unknown>;
}

const program = new URL("../back_end/json_server.ts", import.meta.url).pathname;

export async function startBackEnd(orders: readonly Order[]): Promise<BackEnd> {
  const folder = await Deno.makeTempDir({ prefix: "nhip-bench-" });
  const file = `${folder}/db.json`;
  await Deno.writeTextFile(file, JSON.stringify({ orders }));
  const port = freePort();
  const child = await startChild(Deno.execPath(), ["run", "-A", program, `${port}`, file]);
  return backEnd(child, `http://127.0.0.1:${port}`, folder);
}

function backEnd(child: Child, origin: string, folder: string): BackEnd {
  const url = `${origin}/orders`;
  return {
    pid: child.pid,
    url,
    async requests() {
      const answer = await fetch(`${origin}/bench/requests`);
      const { requests }: { requests: number } = await answer.json();
      return requests;
    },
    async change({ id, ...fields }) {
      const answer = await fetch(`${url}/${id}`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fields),
      });
      if (!answer.ok) throw new Error(`PATCH answered ${answer.status}`);
      return await answer.json();
    },
    async [Symbol.asyncDispose]() {
      await child[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
