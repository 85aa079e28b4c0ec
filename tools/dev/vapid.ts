import { makeVapidKeys } from "../../lib/push/vapid_keys.ts";
import { writeSecret } from "./server.ts";

/**
 * The key pair for Web Push as `VAPID_KEYS` has it: the one that is set, else one made once and kept
 * in the file, since browsers' subscriptions are bound to it.
 */
export async function keptVapidKeys(file: string): Promise<string> {
  const given = Deno.env.get("VAPID_KEYS") || undefined;
  if (given !== undefined) return given;
  const kept = await Deno.readTextFile(file).catch(() => "");
  if (kept.trim() !== "") return kept.trim();
  const made = JSON.stringify(makeVapidKeys());
  await writeSecret(file, made);
  return made;
}
