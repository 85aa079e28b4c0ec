/** Publications that are numbered, so that each loss and each repetition shows. */
import type { TestServer } from "../support/server.ts";

/** `{ n: from }` to `{ n: to }`, each acknowledged before the next. */
export async function publishNumbers(
  server: TestServer,
  channel: string,
  from: number,
  to: number,
): Promise<void> {
  for (let n = from; n <= to; n++) await server.api("publish", { channel, data: { n } });
}

/** 1, 2, 3 … */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}
