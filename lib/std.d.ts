// The Deno standard library as npm carries it comes without types: what this project uses of it,
// typed by hand. With JSR in reach the import map changes and this file goes.

declare module "@std/ulid" {
  /** A new ULID; within one process each is greater than the last. */
  export function monotonicUlid(seedTime?: number): string;
  /** The time in milliseconds that a ULID was made at. */
  export function decodeTime(ulid: string): number;
}

declare module "@std/csv" {
  /** The rows of a CSV text as records named by its header line. */
  export function parse(text: string, options: { skipFirstRow: true }): Record<string, string>[];
}
