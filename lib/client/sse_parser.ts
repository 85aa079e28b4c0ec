/** One event of a stream (HTML Living Standard, section 9.2). */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * Reads events out of a stream's text, however it is cut into chunks. Lines end with a newline and
 * an event has one line of data, as our server writes them; ids are not kept.
 * @returns what takes the next chunk.
 */
export function readEvents(onEvent: (event: ServerEvent) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) =>
        block.split("\n").find((line) => line.startsWith(name))?.slice(name.length);
      const data = field("data: ");
      if (data) onEvent({ type: field("event: ") ?? "message", data });
    }
  };
}
