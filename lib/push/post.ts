/** One request to a push service (RFC 8030), and what its answer means. */
import type { Clock } from "../clock.ts";
import { encryptPush } from "./encrypt.ts";
import type { Subscription } from "./subscriptions.ts";
import type { Vapid } from "./vapid.ts";

export type PostOutcome =
  | { readonly name: "sent" }
  /** The subscription is no more. */
  | { readonly name: "gone" }
  /** Worth another try. `afterMs`: the service has named a time. */
  | { readonly name: "busy"; readonly reason: string; readonly afterMs: number | null }
  /** The service will never take this message, or not from us. */
  | { readonly name: "refused"; readonly reason: string };

export interface PostOptions {
  readonly vapid: Vapid;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  /** For the whole exchange. */
  readonly timeoutMs: number;
}

/** An order that is older is no news. */
const ttlSeconds = 3_600;
/** A later message takes the place of one that still waits at the service. */
const topic = "orders";

/** Never rejects, except with what `signal` was aborted with. Reasons name no endpoint. */
export async function post(
  { endpoint, keys }: Pick<Subscription, "endpoint" | "keys">,
  message: object,
  signal: AbortSignal,
  { vapid, clock, fetch, timeoutMs }: PostOptions,
): Promise<PostOutcome> {
  const body = await encryptPush(new TextEncoder().encode(JSON.stringify(message)), keys);
  const authorization = await vapid.authorization(endpoint);
  signal.throwIfAborted();
  const stop = new AbortController();
  const forward = () => stop.abort();
  signal.addEventListener("abort", forward, { once: true });
  const cancel = clock.after(timeoutMs, () => stop.abort());
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        authorization,
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        ttl: `${ttlSeconds}`,
        urgency: "high",
        topic,
      },
      body,
      redirect: "manual",
      signal: stop.signal,
    });
    // Nobody reads it, however long it is.
    await response.body?.cancel().catch(() => {});
    return outcomeOf(response, clock.now());
  } catch {
    signal.throwIfAborted();
    // What the runtime says would name the endpoint.
    const reason = stop.signal.aborted ? `no answer within ${timeoutMs} ms` : "no connection";
    return { name: "busy", reason, afterMs: null };
  } finally {
    cancel();
    signal.removeEventListener("abort", forward);
  }
}

function outcomeOf({ status, headers }: Response, now: number): PostOutcome {
  const reason = `answered ${status}`;
  if (status >= 200 && status < 300) return { name: "sent" };
  if (status === 404 || status === 410) return { name: "gone" };
  if (status === 429 || status >= 500) {
    return { name: "busy", reason, afterMs: retryAfter(headers.get("retry-after"), now) };
  }
  return { name: "refused", reason };
}

/** Seconds or a date. null: neither. */
function retryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
