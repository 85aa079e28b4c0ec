/// <reference lib="dom" />
/**
 * What the browser itself says of finished requests (Resource Timing): the length of a body as it came,
 * which is not what was read where it came compressed, and the protocol's version.
 */
import type { Traffic } from "./traffic.ts";

interface Ended {
  readonly address: string;
  readonly startedAt: number;
  readonly bytes: number;
  readonly traffic: Traffic;
}

/** Those that nothing was said of are given up in the order in which they came. */
const most = 200;
/** A request's own time and the browser's are a little apart. */
const apartMs = 250;

export class Bodies {
  /** Such as `http/1.1` and `h2`, as far as it has been seen. */
  protocol = "";
  readonly #waiting: Ended[] = [];
  readonly #said: PerformanceResourceTiming[] = [];
  readonly #observer: PerformanceObserver | undefined;

  constructor() {
    if (typeof PerformanceObserver === "undefined") return;
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        this.#said.push(entry as PerformanceResourceTiming);
      }
      this.#match();
    });
    this.#observer.observe({ type: "resource" });
  }

  /** A body has been read to its end, and had so many bytes. */
  ended(url: URL, startedAt: number, bytes: number, traffic: Traffic): void {
    this.#waiting.push({ address: url.href, startedAt, bytes, traffic });
    if (this.#waiting.length > most) this.#waiting.shift();
    this.#match();
  }

  close(): void {
    this.#observer?.disconnect();
  }

  #match(): void {
    for (const entry of this.#said.splice(0)) {
      const { name, startTime, encodedBodySize, nextHopProtocol } = entry;
      const address = name.replace(/#.*$/s, "");
      const index = this.#waiting.findIndex((one) =>
        one.address === address && Math.abs(one.startedAt - startTime) < apartMs
      );
      const ended = this.#waiting[index];
      if (ended === undefined) {
        // The body may not have been read yet.
        if (performance.now() - entry.responseEnd < 1_000) this.#said.push(entry);
        continue;
      }
      this.#waiting.splice(index, 1);
      this.protocol = nextHopProtocol || this.protocol;
      if (encodedBodySize > 0) ended.traffic.corrected(encodedBodySize - ended.bytes);
    }
    if (this.#said.length > most) this.#said.splice(0, this.#said.length - most);
  }
}
