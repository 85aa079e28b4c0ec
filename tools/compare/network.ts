/** What each way has sent and received, by Chromium's own network counters (DevTools protocol). */
import { Traffic } from "../../islands/compare/traffic.ts";
import { type Way, ways } from "../../islands/compare/ways.ts";
import { frameBytes, requestHeadBytes, textBytes } from "../../islands/compare/wire.ts";
import type { DevTools } from "./devtools.ts";

/** The page marks its requests by the fragment of their addresses, which is not sent. */
function wayOf(fragment: string | undefined): Way | undefined {
  return ways.find((way) => `#${way}` === fragment);
}

interface Request {
  readonly traffic: Traffic;
  readonly method: string;
  readonly target: string;
  /** Bytes counted so far: of the answer's head and body. */
  received: number;
  /** Of the body, bytes that the page has got and that have not been counted yet. */
  missing: number;
  /** All of the answer has been counted; what is told of it after that is no more. */
  hasEnded: boolean;
}

type Headers = Readonly<Record<string, string>>;

export class NetworkCounters {
  readonly traffic: Readonly<Record<Way, Traffic>> = {
    polling: new Traffic(),
    long_poll: new Traffic(),
    sse: new Traffic(),
    websocket: new Traffic(),
  };
  /** By the DevTools protocol's clock, in milliseconds; null: nothing has been sent. */
  startedAt: number | null = null;
  readonly #requests = new Map<string, Request>();
  /** Which of them are of the feed; the others measure heads. */
  readonly #sockets = new Set<string>();
  /** What came before the request it is about. */
  readonly #headers = new Map<string, Headers>();
  readonly #counted = new Set<string>();
  /** The latest time by that clock. */
  #latest = 0;

  /** Counts from now on. */
  async watch(session: DevTools): Promise<void> {
    session.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
      const way = wayOf(request.urlFragment);
      if (way === undefined) return;
      const { pathname, search } = new URL(request.url);
      const { method, postData = "" } = request;
      const traffic = this.traffic[way];
      const one = {
        traffic,
        method,
        target: pathname + search,
        received: 0,
        missing: 0,
        hasEnded: false,
      };
      this.#requests.set(requestId, one);
      traffic.requested(this.#begun(timestamp), textBytes(postData));
      this.#head(requestId);
    });
    session.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) => {
      this.#headers.set(requestId, headers);
      this.#head(requestId);
    });
    this.#watchAnswers(session);
    this.#watchSockets(session);
    await session.send("Network.enable");
  }

  #watchAnswers(session: DevTools): void {
    session.on("Network.responseReceivedExtraInfo", ({ requestId, headersText = "" }) => {
      this.#received(requestId, this.#latest, headersText.length);
    });
    session.on("Network.dataReceived", (event) => {
      const { requestId, timestamp, dataLength, encodedDataLength } = event;
      const request = this.#requests.get(requestId);
      if (request !== undefined) request.missing += dataLength - encodedDataLength;
      // A length of 0 comes with the next piece, or at the end; the packet came now.
      this.#received(requestId, this.#at(timestamp), encodedDataLength);
    });
    session.on("Network.loadingFailed", ({ requestId, timestamp }) => {
      const request = this.#requests.get(requestId);
      if (request === undefined) return;
      // Where the page had read everything before the end, that does not come. Nothing is compressed.
      this.#received(requestId, this.#at(timestamp), Math.max(0, request.missing));
      request.hasEnded = true;
    });
    session.on("Network.loadingFinished", ({ requestId, timestamp, encodedDataLength }) => {
      const request = this.#requests.get(requestId);
      if (request === undefined) return;
      // It is the total, the head included.
      this.#received(requestId, this.#at(timestamp), encodedDataLength - request.received);
      request.hasEnded = true;
    });
  }

  #watchSockets(session: DevTools): void {
    const { websocket } = this.traffic;
    session.on("Network.webSocketCreated", ({ requestId, url }) => {
      if (new URL(url).pathname === "/connection/websocket") this.#sockets.add(requestId);
    });
    session.on("Network.webSocketWillSendHandshakeRequest", ({ requestId, timestamp }) => {
      if (this.#sockets.has(requestId)) websocket.requested(this.#begun(timestamp), 0);
    });
    session.on(
      "Network.webSocketHandshakeResponseReceived",
      ({ requestId, timestamp, response }) => {
        if (!this.#sockets.has(requestId)) return;
        const { headersText = "", requestHeadersText = "" } = response;
        // The text has a whole URL in its first line, the wire its path.
        websocket.sentMore(requestHeadersText.replace(/^GET wss?:\/\/[^/]*/, "GET ").length);
        websocket.received(this.#at(timestamp), headersText.length);
      },
    );
    session.on("Network.webSocketFrameSent", ({ requestId, timestamp, response }) => {
      if (!this.#sockets.has(requestId)) return;
      websocket.sent(this.#at(timestamp), frameBytes(textBytes(response.payloadData), true));
    });
    session.on("Network.webSocketFrameReceived", ({ requestId, timestamp, response }) => {
      if (!this.#sockets.has(requestId)) return;
      websocket.received(this.#at(timestamp), frameBytes(textBytes(response.payloadData), false));
    });
  }

  /** The head of a request, once both are known: what was asked, and with which headers. */
  #head(requestId: string): void {
    const request = this.#requests.get(requestId);
    const headers = this.#headers.get(requestId);
    if (request === undefined || headers === undefined || this.#counted.has(requestId)) return;
    this.#counted.add(requestId);
    this.#headers.delete(requestId);
    const { traffic, method, target } = request;
    traffic.sentMore(requestHeadBytes(method, target, Object.entries(headers)));
  }

  #received(requestId: string, at: number, bytes: number): void {
    const request = this.#requests.get(requestId);
    if (request === undefined || request.hasEnded) return;
    request.received += bytes;
    request.traffic.received(at, bytes);
  }

  /** As `#at`, of a request of one of the ways. */
  #begun(timestamp: number): number {
    const ms = this.#at(timestamp);
    this.startedAt ??= ms;
    return ms;
  }

  /** @param timestamp in seconds */
  #at(timestamp: number): number {
    const ms = timestamp * 1_000;
    this.#latest = Math.max(this.#latest, ms);
    return ms;
  }
}
