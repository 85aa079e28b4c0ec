/** Writing the keys of state channels over the server API, and reading them back. */
import assert from "node:assert/strict";
import type { StateClient } from "../support/clients/state/client.ts";
import type { MirrorEntry } from "../support/clients/state_mirror.ts";
import { apiKey, type TestServer } from "../support/server.ts";

interface Reply {
  readonly error?: { readonly code: number; readonly message: string };
}

export interface Put {
  readonly key: string;
  readonly data: unknown;
  readonly tags?: Readonly<Record<string, string>>;
}

/** In this order, some hundred a request; throws when one is not acknowledged. */
export async function putAll(
  { url }: { readonly url: string },
  channel: string,
  puts: readonly Put[],
): Promise<void> {
  for (let at = 0; at < puts.length;) {
    let length = 0;
    let count = 0;
    while (at + count < puts.length && count < 500 && length < 1_000_000) {
      length += JSON.stringify(puts[at + count++]).length;
    }
    const some = puts.slice(at, at + count);
    await batch(url, some.map((put) => ({ map_publish: { channel, ...put } })));
    at += count;
  }
}

export function removeAll(
  { url }: { readonly url: string },
  channel: string,
  keys: readonly string[],
): Promise<void> {
  return batch(url, keys.map((key) => ({ map_remove: { channel, key } })));
}

/** As the server has it. */
export async function stateOf(
  server: TestServer,
  channel: string,
): Promise<{ entries: Map<string, MirrorEntry>; offset: number; epoch: string }> {
  const { result } = await server.api("map_read_state", { channel, limit: -1 });
  const page = result as {
    entries: { key: string; data: unknown; offset: number }[];
    offset?: number;
    epoch: string;
  };
  const entries = page.entries.map(({ key, data, offset }) => [key, { data, offset }] as const);
  return { entries: new Map(entries), offset: page.offset ?? 0, epoch: page.epoch };
}

/** Resolves when the client has all, and nothing else. */
export async function same(server: TestServer, client: StateClient, channel: string) {
  const { entries, offset } = await stateOf(server, channel);
  const mirror = client.mirror(channel);
  await client.until(() => (mirror.position?.offset ?? 0) >= offset, `offset ${offset}`);
  assert.deepEqual(new Map([...mirror.entries].sort()), new Map([...entries].sort()));
}

/** `k00001` … */
export function keyOf(n: number): string {
  return `k${`${n}`.padStart(5, "0")}`;
}

async function batch(url: string, commands: readonly unknown[]): Promise<void> {
  const response = await fetch(`${url}/api/batch`, {
    method: "POST",
    headers: { "x-api-key": apiKey, "content-type": "application/json" },
    body: JSON.stringify({ commands }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text.slice(0, 500));
  for (const { error } of (JSON.parse(text) as { replies: Reply[] }).replies) {
    assert.equal(error, undefined, JSON.stringify(error));
  }
}
