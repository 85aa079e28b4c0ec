/** A bare client of the client protocol's fallbacks. */
import { within } from "./eventually.ts";

export interface Up {
  readonly session: string;
  readonly node: string;
  /** A frame. */
  readonly data: string;
}

/** Asks by POST and takes the head of the answer, which is to be 200. */
export async function openEmulated(
  url: string,
  form: "sse" | "http_stream",
  commands: string,
): Promise<EmulatedClient> {
  const ended = new AbortController();
  const response = await fetch(`${url}/connection/${form}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: commands,
    signal: ended.signal,
  });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  return new EmulatedClient(response, response.body, ended);
}

export async function postUp(url: string, up: Up): Promise<Response> {
  const response = await fetch(`${url}/emulation`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(up),
  });
  await response.body?.cancel();
  return response;
}

type Message = Readonly<Record<string, unknown>>;

export class EmulatedClient implements AsyncDisposable {
  readonly response: Response;
  /** Resolves when the body has ended, however. */
  readonly ended: Promise<void>;
  /** All that came. */
  raw = "";
  readonly #abort: AbortController;
  readonly #messages: Message[] = [];
  #read = 0;
  #wake = () => {};

  constructor(response: Response, body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.ended = this.#run(body);
  }

  /** The next reply or push; pings are left out. */
  async next(): Promise<Message> {
    while (this.#messages.length === 0) {
      await within(new Promise<void>((resolve) => (this.#wake = resolve)), "a message");
    }
    return this.#messages.shift() ?? {};
  }

  /** The result of `connect`, which is what comes next. */
  async connected(): Promise<{ session: string; node: string; client: string }> {
    const { connect } = await this.next() as {
      connect: { session: string; node: string; client: string };
    };
    return connect;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.ended;
  }

  async #run(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body) {
        this.raw += decoder.decode(chunk, { stream: true });
        this.#take();
      }
    } catch {
      // Cut, by either side.
    }
  }

  /** Messages are lines in both forms; events have a field's name before them. */
  #take(): void {
    const end = this.raw.lastIndexOf("\n") + 1;
    const lines = this.raw.slice(this.#read, end).split(/\r?\n/);
    this.#read = end;
    for (const line of lines) {
      const text = line.replace(/^data: /, "");
      if (text !== "" && text !== "{}") this.#messages.push(JSON.parse(text));
    }
    this.#wake();
  }
}
