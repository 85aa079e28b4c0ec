/** A client that asks for all orders again and again, on one connection that is kept. */
import { Closed, Connection } from "./connection.ts";
import { type Head, readBody, readHead } from "./http.ts";
import { Mirror, now, type Order, type Tally } from "./tally.ts";

export interface PollOptions {
  readonly url: URL;
  readonly everyMs: number;
  /** As browsers do it: their headers, compressed answers, If-None-Match. */
  readonly asBrowser: boolean;
  readonly tally: Tally;
}

const browserHeaders = [
  'sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Windows"',
  "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
  "Chrome/142.0.0.0 Safari/537.36",
  "Accept: application/json",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Mode: cors",
  "Sec-Fetch-Dest: empty",
  "Referer: https://shop.example/orders",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: vi-VN,vi;q=0.9,en;q=0.8",
];

export class Poller {
  readonly #options: PollOptions;
  readonly #mirror: Mirror;
  #connection: Connection | null = null;
  #etag = "";

  constructor(options: PollOptions) {
    this.#options = options;
    this.#mirror = new Mirror(options.tally);
  }

  /** Polls from a random moment of the first interval on; resolves with the first answer. */
  async start(): Promise<void> {
    const { everyMs } = this.#options;
    const first = performance.now() + Math.random() * everyMs;
    await until(first);
    await this.#poll();
    this.#goOn(first + everyMs);
  }

  async #goOn(from: number): Promise<void> {
    const { everyMs } = this.#options;
    for (let due = from;; due = Math.max(due + everyMs, performance.now())) {
      await until(due);
      await this.#poll();
    }
  }

  /** Once more on another connection when the server has closed the one that was idle. */
  async #poll(): Promise<void> {
    try {
      await this.#exchange();
    } catch (error) {
      if (!(error instanceof Closed)) throw error;
      this.#options.tally.closed++;
      this.#connection?.close();
      this.#connection = null;
      await this.#exchange();
    }
  }

  async #exchange(): Promise<void> {
    const { url, tally } = this.#options;
    this.#connection ??= await Connection.open(Number(url.port), tally);
    tally.requests++;
    await this.#connection.write(this.#request());
    const head = await readHead(this.#connection);
    if (head.status === 304) return;
    this.#receive(head, await readBody(this.#connection, head));
  }

  #receive({ status, headers }: Head, body: Uint8Array): void {
    const received = now();
    if (status !== 200) throw new Error(`answered ${status}`);
    this.#etag = headers.get("etag") ?? "";
    const orders: readonly Order[] = JSON.parse(new TextDecoder().decode(body));
    for (const order of orders) this.#mirror.see(order, received);
  }

  #request(): string {
    const { url, asBrowser } = this.#options;
    const own = asBrowser ? browserHeaders : ["Accept: application/json"];
    const condition = asBrowser && this.#etag !== "" ? [`If-None-Match: ${this.#etag}`] : [];
    const lines = [`GET ${url.pathname} HTTP/1.1`, `Host: ${url.host}`, ...own, ...condition];
    return `${lines.join("\r\n")}\r\n\r\n`;
  }
}

/** @param moment of `performance.now()`. */
function until(moment: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())));
}
