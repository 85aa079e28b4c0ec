/** One event of a stream (HTML Living Standard, section 9.2). */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Reads events out of a stream's text, however it is cut into chunks. Lines end with a newline, as
 * our server writes them; ids are not kept.
 */
export class SseParser {
  readonly #onEvent: (event: ServerEvent) => void;
  #rest = "";
  #type = "";
  #data: string[] = [];

  constructor(onEvent: (event: ServerEvent) => void) {
    this.#onEvent = onEvent;
  }

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, field, value = ""] = /^(\w*):? ?(.*)/.exec(line) ?? [];
      if (line === "") this.#dispatch();
      else if (field === "event") this.#type = value;
      else if (field === "data") this.#data.push(value);
    }
  }

  #dispatch(): void {
    const event = { type: this.#type || "message", data: this.#data.join("\n") };
    this.#type = "";
    if (this.#data.splice(0).length > 0) this.#onEvent(event);
  }
}
