/** WebSocket (RFC 6455) over `Deno.upgradeWebSocket`. */
import { type Disconnect, disconnects } from "../protocol/disconnects.ts";
import { defaultMaxBacklog, type Transport } from "./transport.ts";

export interface WebSocketOwner {
  receive(frame: string): void;
  /** Called once, however the connection ended. */
  closed(): void;
}

export interface WebSocketOptions {
  readonly maxBacklog?: number;
  /** Called when the socket is open. An exception in here or in the owner ends this client alone. */
  readonly open: (transport: Transport<string>) => WebSocketOwner;
  /**
   * Called once when the socket is gone. For a client that has stalled this is long after its end:
   * Deno has no way to cut a socket whose peer does not read.
   */
  readonly gone: () => void;
  readonly onError: (error: unknown, stage: string) => void;
}

const subprotocol = "centrifuge-json";

/**
 * The response that turns the request into a WebSocket.
 * @throws TypeError when the request is not an upgrade.
 */
export function upgradeWebSocket(request: Request, options: WebSocketOptions): Response {
  // Read first: after the upgrade the request is gone.
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  // Pings are the protocol's own, so the platform's idle timer is off. Deno's `protocol` option
  // would refuse clients that offer several: the header is set by hand.
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  if (offered.split(",").some((name) => name.trim() === subprotocol)) {
    response.headers.set("sec-websocket-protocol", subprotocol);
  }
  let owner: WebSocketOwner | undefined;
  const leave = () => {
    const left = owner;
    owner = undefined;
    left?.closed();
  };
  const maxBacklog = options.maxBacklog ?? defaultMaxBacklog;
  const transport = new WebSocketTransport(socket, maxBacklog, leave);
  // Whatever a handler throws would end the process: nothing leaves them.
  const guarded = (stage: string, run: () => void) => {
    try {
      run();
    } catch (error) {
      options.onError(error, stage);
      transport.close(disconnects.serverError);
    }
  };
  socket.onopen = () => guarded("open", () => owner = options.open(transport));
  socket.onmessage = ({ data }) =>
    guarded("message", () => {
      if (typeof data === "string") owner?.receive(data);
      else transport.close({ ...disconnects.badRequest, reason: "bad request: binary frame" });
    });
  socket.onerror = () => {}; // A close follows.
  let present = true;
  socket.onclose = () => {
    // Fires twice after some abnormal ends.
    if (!present) return;
    present = false;
    guarded("close", () => {
      transport.ended();
      options.gone();
    });
  };
  return response;
}

class WebSocketTransport implements Transport<string> {
  readonly name = "websocket";
  readonly #socket: WebSocket;
  readonly #maxBacklog: number;
  readonly #leave: () => void;
  #open = true;

  constructor(socket: WebSocket, maxBacklog: number, leave: () => void) {
    this.#socket = socket;
    this.#maxBacklog = maxBacklog;
    this.#leave = leave;
  }

  get backlog(): number {
    return this.#open ? this.#socket.bufferedAmount : 0;
  }

  send(text: string): void {
    if (!this.#open || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(text);
    if (this.#socket.bufferedAmount > this.#maxBacklog) this.close(disconnects.slow);
  }

  close({ code, reason }: Disconnect): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close(code, reason);
    this.#leave();
  }

  ended(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#leave();
  }
}
