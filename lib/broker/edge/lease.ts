/** Leases: who holds a name, and until when. The nodes' clocks agree well enough. */
import { retryLocked } from "../../kv/retry.ts";
import { keys } from "./keys.ts";

interface Lease {
  readonly node: string;
  /** Unix milliseconds. */
  readonly until: number;
}

/** Takes the name or goes on holding it; false while another node does. */
export async function lease(
  kv: Deno.Kv,
  node: string,
  name: string,
  ttlMs: number,
  now: number,
): Promise<boolean> {
  const key = keys.lease(name);
  const held = await kv.get<Lease>(key);
  if (held.value !== null && held.value.node !== node && held.value.until > now) return false;
  const mine: Lease = { node, until: now + ttlMs };
  const taken = await retryLocked(() =>
    kv.atomic().check(held).set(key, mine, { expireIn: ttlMs }).commit()
  );
  // Whoever was faster holds it now.
  return taken.ok;
}

export async function unlease(kv: Deno.Kv, node: string, name: string): Promise<void> {
  const held = await kv.get<Lease>(keys.lease(name));
  if (held.value?.node !== node) return;
  await retryLocked(() => kv.atomic().check(held).delete(held.key).commit());
}
