/** The server under measurement, and what its clients send. */
import { apiKey, startServer, type TestServer } from "../../tests/support/server.ts";
import type { Publishers, Readers } from "./load.ts";

/**
 * One isolate, the edge broker, a database of its own.
 * @param channels contents of a CHANNELS_FILE.
 */
export function startNhip(
  env: Readonly<Record<string, string>> = {},
  channels?: unknown,
): Promise<TestServer> {
  return startServer({
    env: { BROKER_URL: "edge:", LOG_LEVEL: "warn", ...env },
    ...(channels !== undefined && { channels }),
  });
}

type Target<Whole> = Pick<Whole, Exclude<keyof Whole, "url" | "port" | "path">>;

export function nhipSockets(
  server: TestServer,
  channel: string,
  { connections, seconds }: Target<Readers>,
): Readers {
  const first = `{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"${channel}"}}`;
  const path = "/connection/websocket";
  return { port: server.port, path, connections, seconds, first, subscribed: '"id":2' };
}

export function nhipEvents(
  server: TestServer,
  channel: string,
  { connections, seconds }: Target<Readers>,
): Readers {
  const path = `/v1/events?channels=${channel}`;
  const subscribed = "event: subscribed";
  return { transport: "sse", port: server.port, path, connections, seconds, subscribed };
}

export function nhipPublishers(
  server: TestServer,
  channel: string,
  publishers: Target<Publishers>,
): Publishers {
  return { ...publishers, url: `${server.url}/api/publish`, channel, key: apiKey };
}
