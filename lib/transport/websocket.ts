/** WebSocket (RFC 6455) over `Deno.upgradeWebSocket`. */
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import { defaultMaxBacklog, type Transport } from "./transport.ts";

export interface WebSocketOwner {
  receive(frame: string): void;
  /** Called once, however the connection ended. */
  closed(): void;
}

/** What connections share; an exception in here or in an owner ends that one client. */
export interface WebSocketHost {
  readonly maxBacklog?: number;
  /** Called when a socket is open. */
  open(transport: Transport<string>): WebSocketOwner;
  /**
   * Called once when a socket is gone. For a client that has stalled this is long after its end:
   * Deno has no way to cut a socket whose peer does not read.
   */
  gone(): void;
  onError(error: unknown, stage: string): void;
}

const subprotocol = "centrifuge-json";

/**
 * The response that turns the request into a WebSocket.
 * @throws TypeError when the request is not an upgrade.
 */
export function upgradeWebSocket(request: Request, host: WebSocketHost): Response {
  // Read first: after the upgrade the request is gone.
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  // Pings are the protocol's own, so the platform's idle timer is off. Deno's `protocol` option
  // would refuse clients that offer several: the header is set by hand.
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  if (offered.split(",").some((name) => name.trim() === subprotocol)) {
    response.headers.set("sec-websocket-protocol", subprotocol);
  }
  const connection = new WebSocketConnection(socket, host);
  // One listener object for all events: handlers of their own would cost 1 KB a connection each.
  for (const type of ["open", "message", "close"]) socket.addEventListener(type, connection);
  return response;
}

class WebSocketConnection implements Transport<string>, EventListenerObject {
  readonly name = "websocket";
  readonly #socket: WebSocket;
  readonly #host: WebSocketHost;
  #owner: WebSocketOwner | undefined;
  #open = true;
  #gone = false;

  constructor(socket: WebSocket, host: WebSocketHost) {
    this.#socket = socket;
    this.#host = host;
  }

  get backlog(): number {
    return this.#open ? this.#socket.bufferedAmount : 0;
  }

  send(text: string): void {
    if (!this.#open || this.#socket.readyState !== WebSocket.OPEN) return;
    // What is unread before this chunk: one flush may be longer than the limit, and that says
    // nothing of the reader.
    const { maxBacklog = defaultMaxBacklog } = this.#host;
    if (this.#socket.bufferedAmount > maxBacklog) return this.close(disconnects.slow);
    this.#socket.send(text);
  }

  close({ code, reason }: Disconnect): void {
    if (!this.#open) return;
    this.#socket.close(code, reason);
    this.#leave();
  }

  handleEvent(event: Event): void {
    // Whatever leaves a socket's listener would end the process.
    try {
      this.#handle(event);
    } catch (error) {
      this.#host.onError(error, event.type);
      this.close(disconnects.serverError);
    }
  }

  #handle(event: Event): void {
    switch (event.type) {
      case "open":
        this.#owner = this.#host.open(this);
        return;
      case "message":
        if (!(event instanceof MessageEvent) || !this.#open) return;
        if (typeof event.data === "string") return this.#owner?.receive(event.data);
        return this.close({ ...disconnects.badRequest, reason: "bad request: binary frame" });
      case "close":
        this.#leave();
        // Fires twice after some abnormal ends.
        if (this.#gone) return;
        this.#gone = true;
        return this.#host.gone();
    }
  }

  #leave(): void {
    if (!this.#open) return;
    this.#open = false;
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.closed();
  }
}
