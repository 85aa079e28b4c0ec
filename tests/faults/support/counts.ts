import type { TestServer } from "../../support/server.ts";

export const faultyMain = new URL("./main.ts", import.meta.url).pathname;

export interface BusCounts {
  /** Announcements of publications that isolates sent. */
  readonly posted: number;
  /** Those that BroadcastChannel did not carry to an isolate that was there. */
  readonly dropped: number;
  /** What `TEST_BUS` asked to lose. */
  readonly lost: number;
}

/** Ends a server that has `faultyMain` as its entry, and adds up what its isolates counted. */
export async function stopAndCount(server: TestServer, isolates: number): Promise<BusCounts> {
  await server.signal("SIGTERM");
  // Not by lines: isolates write into one another's.
  const told = [...server.output().matchAll(/bus (\{[^}]*\})/g)];
  if (told.length !== isolates) {
    throw new Error(`${told.length} isolates have counted: ${server.output()}`);
  }
  const sum = { posted: 0, received: 0, lost: 0 };
  for (const [, json = ""] of told) {
    const counts = JSON.parse(json) as typeof sum;
    sum.posted += counts.posted;
    sum.received += counts.received;
    sum.lost += counts.lost;
  }
  const { posted, received, lost } = sum;
  return { posted, dropped: posted * (isolates - 1) - received, lost };
}
