/** A doorbell in the store: each commit touches one key, and whoever watches it looks at the log. */
import { keys } from "./keys.ts";

export interface Bell {
  ring(atomic: Deno.AtomicOperation): void;
  close(): Promise<void>;
}

/** @param onRing somebody committed; several rings may come as one. */
export function bell(
  kv: Deno.Kv,
  nodeId: string,
  onRing: () => void,
  onError: (error: unknown, stage: string) => void,
): Bell {
  let count = 0;
  const reader = kv.watch<[string[]]>([keys.bell]).getReader();
  const watching = (async () => {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value[0].value?.[0] !== nodeId) onRing();
    }
  })().catch((error) => onError(error, "bell"));
  return {
    ring: (atomic) => void atomic.set(keys.bell, [nodeId, String(++count)]),
    close: async () => {
      await reader.cancel();
      await watching;
    },
  };
}
