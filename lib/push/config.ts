/** What the environment says of Web Push. */
import { isServiceName, type ServicePolicy } from "./services.ts";
import { makeVapidKeys, parseVapidKeys, type VapidKeys } from "./vapid_keys.ts";

export interface PushConfig {
  readonly keys: VapidKeys;
  /** Where push services reach the operator: `mailto:` or `https:`. */
  readonly subject: string;
  readonly policy: ServicePolicy;
}

export interface PushVariables {
  readonly VAPID_KEYS?: string | undefined;
  readonly VAPID_SUBJECT?: string | undefined;
  readonly PUSH_SERVICES?: string | undefined;
}

/** Services do not write to developers; some refuse a token without an address. */
const devSubject = "mailto:developer@example.com";

/**
 * null: there are no keys, and no Web Push. `dev` makes some for this run.
 * @throws Error that names the variable at fault and shows no secret
 */
export function parsePush(isDev: boolean, variables: PushVariables): PushConfig | null {
  const { VAPID_KEYS, VAPID_SUBJECT = isDev ? devSubject : undefined, PUSH_SERVICES } = variables;
  const services = (PUSH_SERVICES ?? "").split(",").map((one) => one.trim().toLowerCase())
    .filter((one) => one !== "");
  const odd = services.find((one) => !isServiceName(one));
  if (odd !== undefined) {
    throw new Error(`PUSH_SERVICES: "${odd}" is not a host, such as push.example.org`);
  }
  if (VAPID_KEYS === undefined && !isDev) return null;
  if (VAPID_SUBJECT === undefined) {
    throw new Error("VAPID_SUBJECT: is not set; VAPID_KEYS needs it: mailto:you@shop.example");
  }
  if (!/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/.test(VAPID_SUBJECT)) {
    throw new Error("VAPID_SUBJECT: is not mailto: with an address, or an https: address");
  }
  const keys = VAPID_KEYS === undefined ? makeVapidKeys() : readKeys(VAPID_KEYS);
  return { keys, subject: VAPID_SUBJECT, policy: { services, loopback: isDev } };
}

function readKeys(text: string): VapidKeys {
  try {
    return parseVapidKeys(text);
  } catch (error) {
    throw new Error(`VAPID_KEYS: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}
