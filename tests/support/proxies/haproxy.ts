import { startProgram } from "./program.ts";
import type { Proxy } from "./proxy.ts";

export interface HaproxyOptions {
  /** How long a connection may be silent; 5 s when absent. */
  readonly quietMs?: number;
}

/**
 * HAProxy that ends what has been silent for a few seconds: a WebSocket (`timeout tunnel`), an event
 * stream and a long-poll (`timeout server`; the latter gets 504).
 */
export async function startHaproxy(
  upstreamPort: number,
  { quietMs = 5_000 }: HaproxyOptions = {},
): Promise<Proxy> {
  const haproxy = await startProgram({
    program: "haproxy",
    // -db: in the foreground.
    args: ({ file }) => ["-db", "-q", "-f", file],
    configuration: ({ port }) => `
global
  maxconn 2000
defaults
  mode http
  timeout connect 5s
  timeout http-request 5s
  timeout client ${quietMs}ms
  timeout server ${quietMs}ms
  timeout tunnel ${quietMs}ms
frontend clients
  bind 127.0.0.1:${port}
  default_backend server
backend server
  server one 127.0.0.1:${upstreamPort}
`,
  });
  return {
    name: "HAProxy with short timeouts",
    port: haproxy.port,
    url: `http://127.0.0.1:${haproxy.port}`,
    [Symbol.asyncDispose]: () => haproxy[Symbol.asyncDispose](),
  };
}
