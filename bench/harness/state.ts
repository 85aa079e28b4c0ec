/** State channels of the server under measurement. */
import type { TestServer } from "../../tests/support/server.ts";

/** Contents of a CHANNELS_FILE: `state:…`, for anyone to read. */
export const stateChannels = {
  namespaces: [{
    name: "state",
    history: { size: 1_000, ttl: "10m" },
    keyed: { maxKeys: 20_000 },
    allow: { subscribe: "anyone" },
  }],
};

const batch = 1_000;

/** Publishes so many keys, each with `size` bytes of data. */
export async function fill(
  server: TestServer,
  channel: string,
  { keys, size }: { readonly keys: number; readonly size: number },
): Promise<void> {
  for (let from = 0; from < keys; from += batch) {
    const commands = Array.from({ length: Math.min(batch, keys - from) }, (_, i) => ({
      map_publish: { channel, key: `k${from + i}`, data: dataOf(from + i, size) },
    }));
    const { replies } = await server.api("batch", { commands, parallel: true });
    const failed = Array.isArray(replies) ? replies.find((reply) => "error" in reply) : replies;
    if (failed !== undefined) throw new Error(`map_publish: ${JSON.stringify(failed)}`);
  }
}

function dataOf(n: number, size: number) {
  const data = { sku: `sku-${n}`, stock: n % 100, name: "" };
  return { ...data, name: "x".repeat(Math.max(0, size - JSON.stringify(data).length)) };
}
