/**
 * The client protocol's own fallbacks (PROTOCOL.md 2.8): its messages go down as Server-Sent Events
 * or as lines of a streamed body. The way up is requests beside it.
 */
import type { Disconnect } from "../protocol/disconnects.ts";
import { disconnectPush } from "../protocol/replies.ts";
import { ByteStream, liveHeaders } from "./byte_stream.ts";
import { eventStreamType } from "./sse.ts";
import { defaultMaxBacklog, type Transport } from "./transport.ts";

export type EmulatedForm = "sse" | "http_stream";

const encoder = new TextEncoder();

/** An event or a line for each message of the text. */
const frames: Readonly<Record<EmulatedForm, (text: string) => string>> = {
  sse: (text) => `data: ${text.replaceAll("\n", "\n\ndata: ")}\n\n`,
  http_stream: (text) => `${text}\n`,
};
const contentTypes = { sse: eventStreamType, http_stream: "application/x-ndjson" } as const;

/** The response and its transport. `closed` is called once, however the stream ended. */
export function openEmulated(
  form: EmulatedForm,
  closed: () => void,
  maxBacklog = defaultMaxBacklog,
): { response: Response; transport: Transport<string> } {
  const transport = new EmulatedTransport(form, closed, maxBacklog);
  const headers = { "content-type": contentTypes[form], ...liveHeaders };
  return { response: new Response(transport.body, { headers }), transport };
}

class EmulatedTransport implements Transport<string> {
  readonly name: EmulatedForm;
  readonly #stream: ByteStream;

  constructor(form: EmulatedForm, closed: () => void, maxBacklog: number) {
    this.name = form;
    const farewell = (disconnect: Disconnect) => frames[form](disconnectPush(disconnect));
    this.#stream = new ByteStream({ name: form, maxBacklog, farewell, closed });
    // Proxies that wait for a first byte pass the head of the answer on.
    if (form === "sse") this.#stream.send(encoder.encode("\r\n"));
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#stream.body;
  }

  get backlog(): number {
    return this.#stream.backlog;
  }

  send(text: string): void {
    this.#stream.send(latest[this.name].encode(text));
  }

  close(disconnect: Disconnect): void {
    this.#stream.close(disconnect);
  }
}

/** A fan-out gives the same text to one client after the other: its bytes are made once. */
class LatestEncoded {
  readonly #frame: (text: string) => string;
  #text = "";
  #bytes: Uint8Array;

  constructor(frame: (text: string) => string) {
    this.#frame = frame;
    this.#bytes = encoder.encode(frame(""));
  }

  encode(text: string): Uint8Array {
    if (text !== this.#text) {
      this.#bytes = encoder.encode(this.#frame(text));
      this.#text = text;
    }
    return this.#bytes;
  }
}

const latest: Readonly<Record<EmulatedForm, LatestEncoded>> = {
  sse: new LatestEncoded(frames.sse),
  http_stream: new LatestEncoded(frames.http_stream),
};
