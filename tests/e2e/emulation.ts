/** npm's `centrifuge` as it is published, on its own fallbacks. */
import { Centrifuge, type Options } from "centrifuge";
import { eventually } from "../support/clients/eventually.ts";
import { pinEach, type Pinned } from "../support/clients/isolates.ts";
import { type Sdk, sdkOf } from "./centrifuge.ts";

export const fallbacks = ["sse", "http_stream"] as const;
export type Fallback = (typeof fallbacks)[number];

type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** How a test's clients reach a server. */
export interface Way extends AsyncDisposable {
  /** @param withWebSocket tries that first. */
  open(url: string, options?: Partial<Options>, withWebSocket?: boolean): Sdk;
  /** What is sent up goes to another isolate than the one with the stream, where there are two. */
  readonly fetch: Fetch;
  /** Requests that went to another isolate. */
  readonly elsewhere: () => number;
}

/** @param url of the server itself. */
export async function wayTo(url: string, fallback: Fallback, isolates: number): Promise<Way> {
  const pins = isolates > 1 ? await pinEach(url, isolates) : [];
  if (pins.length > 1) await untilAcquainted(url, pins);
  const direct = `${url}/emulation`;
  let elsewhere = 0;
  /** One after the other: a second connection of a pin could reach any isolate. */
  let before: Promise<unknown> = Promise.resolve();
  /** Past any proxy: a pin is a connection to the server itself. */
  const away: Fetch = (input, init) => {
    const pin = pins.find(({ node }) => node !== addressee(init));
    if (pin === undefined || addressee(init) === undefined) return fetch(input, init);
    elsewhere++;
    const response = before.then(() => fetch(direct, { ...init, client: pin.http }));
    before = response.catch(() => {});
    return response;
  };
  return {
    elsewhere: () => elsewhere,
    fetch: away,
    open(url, options = {}, withWebSocket = false) {
      const pending: Promise<unknown>[] = [];
      const { fetch = away } = options;
      const tracked: Fetch = (input, init) => {
        const response: Promise<Response> = fetch(input, init);
        pending.push(response.catch(() => {}));
        return response;
      };
      const endpoint = (transport: string) => `${url}/connection/${transport}`;
      // The order that an application would choose.
      const transports = ["websocket", fallback] as const;
      const ladder = transports.map((transport) => ({ transport, endpoint: endpoint(transport) }));
      const client = new Centrifuge(withWebSocket ? ladder : ladder.slice(1), {
        emulationEndpoint: `${url}/emulation`,
        minReconnectDelay: 20,
        maxReconnectDelay: 200,
        ...options,
        fetch: tracked,
      });
      return sdkOf(client, async () => void await Promise.all(pending));
    },
    async [Symbol.asyncDispose]() {
      await before;
      for (const pin of pins) pin[Symbol.dispose]();
    },
  };
}

/** Nodes hear of one another a moment after they have started. */
async function untilAcquainted(url: string, pins: readonly Pinned[]): Promise<void> {
  const ask = (from: Pinned, to: Pinned) =>
    fetch(`${url}/emulation`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ session: "", node: to.node, data: "{}" }),
      client: from.http,
    });
  for (const from of pins) {
    for (const to of pins) {
      await eventually(async () => (await ask(from, to)).status === 204, "a node is known");
    }
  }
}

/** The node of what goes up; undefined for a stream. */
function addressee({ body }: RequestInit): string | undefined {
  const { node } = JSON.parse(String(body).split("\n")[0] ?? "") as { node?: string };
  return node;
}
