/** Time, so that a test need not wait. */
export interface Time {
  now(): number;
  /** Rejects at once when the replay is stopped. */
  sleep(ms: number): Promise<void>;
}

export interface ClientOptions {
  readonly url: string;
  /** Empty: none is sent. */
  readonly apiKey: string;
  readonly time: Time;
  readonly random: () => number;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface Answer {
  readonly status: number;
  /** Why it was refused; empty where it was not. */
  readonly detail: string;
}

const requestMs = 10_000;
/** How long to wait for a server that never answered yet. */
const startMs = 60_000;
/** How long a server that was there may be away. */
const awayMs = 600_000;

/** Speaks to the server as any outside system would, and outlives its restarts. */
export class Client {
  readonly #options: ClientOptions;
  #hasAnswered = false;
  #isAway = false;
  #noteFailed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a request until it is answered with other than a server's fault, with ever longer waits.
   *
   * @throws Error if the server stays away or refuses the key
   */
  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const { time, random } = this.#options;
    const since = time.now();
    for (let attempt = 0;; attempt++) {
      const outcome = await this.#try(method, path, body);
      if (typeof outcome !== "string") {
        if (this.#isAway) this.#options.say("the server is back");
        this.#isAway = false;
        this.#hasAnswered = true;
        return outcome;
      }
      if (!this.#isAway) this.#options.say(`waiting for ${this.#options.url}: ${outcome}`);
      this.#isAway = true;
      if (time.now() - since > (this.#hasAnswered ? awayMs : startMs)) {
        throw new Error(`no server at ${this.#options.url}: ${outcome}`);
      }
      await time.sleep(Math.min(5_000, 200 * 2 ** Math.min(attempt, 10)) * (1 - random() / 2));
    }
  }

  /** Publishes a note through the server API, once: the next one makes up for it. */
  async note(data: unknown): Promise<void> {
    const outcome = await this.#try("POST", "/api/publish", { channel: "public:replay", data });
    const detail = typeof outcome === "string" ? outcome : outcome.detail;
    if (detail !== "" && !this.#noteFailed) this.#options.say(`POST /api/publish: ${detail}`);
    this.#noteFailed = detail !== "";
  }

  /** The answer, or why there was none that counts. */
  async #try(method: string, path: string, body: unknown): Promise<Answer | string> {
    const { url, apiKey, signal, fetch = globalThis.fetch } = this.#options;
    signal?.throwIfAborted();
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("no answer in time")), requestMs);
    try {
      const response = await fetch(
        new Request(`${url}${path}`, {
          method,
          headers: {
            "Content-Type": "application/json",
            ...(apiKey === "" ? {} : { "X-API-Key": apiKey }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        }),
      );
      return this.#read(response.status, await response.text());
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Refused) throw error;
      return error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #read(status: number, text: string): Answer | string {
    if (status === 401 || status === 403) {
      throw new Refused(`the server refuses (${status}); API_KEY must be the server's own`);
    }
    if (status >= 500 || status === 429) return `it answers ${status}`;
    return { status, detail: detailOf(status, text) };
  }
}

class Refused extends Error {}

function detailOf(status: number, text: string): string {
  try {
    const { detail, error } = JSON.parse(text);
    if (status < 400 && error === undefined) return "";
    return String(detail ?? error?.message ?? `status ${status}`);
  } catch {
    return status < 400 ? "" : `status ${status}`;
  }
}
