import { apiKey } from "../server.ts";

interface BatchAnswer {
  readonly replies: readonly {
    readonly publish?: { readonly offset?: number; readonly epoch?: string };
    readonly error?: { readonly code: number; readonly message: string };
  }[];
}

export interface Publishing {
  readonly url: string;
  readonly channel: string;
  /** Commands in one request. */
  readonly size?: number;
  readonly http?: Deno.HttpClient;
}

/** Publishes the values in order through `/api/batch`; throws when one is not acknowledged. */
export async function publishAll(
  { url, channel, size = 500, http }: Publishing,
  values: readonly unknown[],
): Promise<void> {
  for (let at = 0; at < values.length; at += size) {
    const commands = values.slice(at, at + size).map((data) => ({ publish: { channel, data } }));
    const response = await fetch(`${url}/api/batch`, {
      method: "POST",
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      body: JSON.stringify({ commands }),
      ...(http && { client: http }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`batch: ${response.status} ${text}`);
    for (const { error } of (JSON.parse(text) as BatchAnswer).replies) {
      if (error !== undefined) throw new Error(`publish: ${error.code} ${error.message}`);
    }
  }
}

/** `from`, `from + 1`, … `to` */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
