/** A session of the client protocol whose way down is a streamed answer (PROTOCOL.md 2.8). */
import type { Emulation } from "../node/emulation.ts";
import type { Node } from "../node/node.ts";
import { disconnects } from "../protocol/disconnects.ts";
import { type EmulatedForm, openEmulated } from "../transport/emulated.ts";
import { Session } from "./session.ts";

/**
 * The response, whose body the session writes. The place it was admitted to is given back at its
 * end.
 * @param commands the first frame.
 */
export function openEmulatedSession(
  node: Node,
  emulation: Emulation,
  form: EmulatedForm,
  commands: string,
): Response {
  return new EmulatedSession(node, emulation, form, commands).response;
}

class EmulatedSession {
  readonly response: Response;
  readonly #node: Node;
  readonly #forget: () => void;
  /** Absent while it is made, in which it may end already: the server is shutting down. */
  #session: Session | undefined;
  #open = true;

  constructor(node: Node, emulation: Emulation, form: EmulatedForm, commands: string) {
    // Whoever knows it may act for the client.
    const key = crypto.randomUUID();
    this.#node = node;
    this.#forget = emulation.add(key, (frame) => this.#receive(frame));
    const { response, transport } = openEmulated(form, () => this.#end(), node.limits.backlog);
    this.response = response;
    this.#session = new Session(node, transport, { key });
    if (this.#open) this.#receive(commands);
    else this.#session.closed();
  }

  #receive(frame: string): void {
    try {
      this.#session?.receive(frame);
    } catch (error) {
      this.#node.onError(error, "emulation");
      this.#session?.close(disconnects.serverError);
    }
  }

  #end(): void {
    this.#open = false;
    this.#forget();
    this.#session?.closed();
    this.#node.sessions.dismiss();
  }
}
