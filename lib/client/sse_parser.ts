/** One event of a stream (HTML Living Standard, section 9.2). */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/** Reads events out of a stream's text, however it is cut into chunks. Ids are not kept. */
export class SseParser {
  readonly #onEvent: (event: ServerEvent) => void;
  #rest = "";
  #type = "";
  #data: string[] = [];

  constructor(onEvent: (event: ServerEvent) => void) {
    this.#onEvent = onEvent;
  }

  push(chunk: string): void {
    const text = this.#rest + chunk;
    const line = /\r\n|\n|\r/g;
    let from = 0;
    for (let end = line.exec(text); end !== null; end = line.exec(text)) {
      // A carriage return at the very end may be half of a line's end.
      if (end[0] === "\r" && line.lastIndex === text.length) break;
      this.#line(text.slice(from, end.index));
      from = line.lastIndex;
    }
    this.#rest = text.slice(from);
  }

  #line(line: string): void {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#type = value;
    else if (field === "data") this.#data.push(value);
  }

  #dispatch(): void {
    const event = { type: this.#type || "message", data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#type = "";
    this.#data = [];
    if (!isEmpty) this.#onEvent(event);
  }
}
