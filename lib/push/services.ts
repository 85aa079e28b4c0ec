/**
 * Which push services the server talks to. An endpoint is an address that somebody else chose and
 * the server fetches: only the hosts of known services are, so that none leads into the network
 * that the server stands in.
 */
import { isLoopback } from "../auth/host.ts";

/** Those of the browsers: Chrome and its kin, Firefox, Safari, Edge. `*.` stands for subdomains. */
export const knownServices: readonly string[] = [
  "fcm.googleapis.com",
  "android.googleapis.com",
  "updates.push.services.mozilla.com",
  "*.push.apple.com",
  "*.notify.windows.com",
];

export const maxEndpointLength = 1_024;

export interface ServicePolicy {
  /** Hosts beside the known ones, as `push.example.org` or `*.push.example.org`. */
  readonly services: readonly string[];
  /** Whether this machine itself may be one, over plain HTTP and on any port; for development. */
  readonly loopback: boolean;
}

/** What is wrong with an endpoint; null: nothing. Never shows the endpoint, which is a secret. */
export function endpointObjection(
  endpoint: string,
  { services, loopback }: ServicePolicy,
): string | null {
  if (endpoint.length > maxEndpointLength) {
    return `is longer than ${maxEndpointLength} characters`;
  }
  if (!URL.canParse(endpoint)) return "is not an address";
  const { protocol, hostname, port, username, password } = new URL(endpoint);
  if (username !== "" || password !== "") return "has a user name in it";
  const isHere = isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
  if (loopback && isHere && /^https?:$/.test(protocol)) return null;
  if (protocol !== "https:") return "is not https:";
  if (port !== "") return "names a port";
  if ([...knownServices, ...services].some((one) => matches(hostname, one))) return null;
  return "is of no known push service; an operator can add its host to PUSH_SERVICES";
}

/** Whether it is a host as `PUSH_SERVICES` lists them. */
export function isServiceName(text: string): boolean {
  return /^(\*\.)?[a-z\d-]+(\.[a-z\d-]+)+$/.test(text) && !/^[\d.]+$/.test(text);
}

function matches(host: string, service: string): boolean {
  return service.startsWith("*.") ? host.endsWith(service.slice(1)) : host === service;
}
