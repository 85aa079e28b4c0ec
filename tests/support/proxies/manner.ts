/** How a relay treats what goes one way, of all its connections. */
export type Manner =
  | { readonly name: "pass" }
  /** Each piece waits from 0 to `maxMs`; none overtakes another. */
  | { readonly name: "delay"; readonly maxMs: number }
  /** Nothing is read and nothing is written. */
  | { readonly name: "stall" }
  /** In writes of 1 to `maxBytes` bytes. */
  | { readonly name: "crumble"; readonly maxBytes: number }
  /** Each connection is cut after so many more bytes this way, be that in the middle of a frame. */
  | { readonly name: "cut"; readonly afterBytes: number; readonly how: CutHow };

/** fin: as if the other end had closed; rst: as if it had forgotten the connection. */
export type CutHow = "fin" | "rst";

/** Up: from the client to the server. */
export type Way = "up" | "down";

export const pass: Manner = { name: "pass" };

export function describeManner(manner: Manner): string {
  switch (manner.name) {
    case "pass":
    case "stall":
      return manner.name;
    case "delay":
      return `delay up to ${manner.maxMs} ms`;
    case "crumble":
      return `crumble to ${manner.maxBytes} bytes`;
    case "cut":
      return `cut (${manner.how}) after ${manner.afterBytes} bytes`;
  }
}
