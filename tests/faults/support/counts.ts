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
  const lines = server.output().split("\n").filter((line) => line.startsWith("bus "));
  if (lines.length !== isolates) throw new Error(`${lines.length} isolates have counted`);
  const sum = { posted: 0, received: 0, lost: 0 };
  for (const line of lines) {
    const counts = JSON.parse(line.slice(4)) as typeof sum;
    sum.posted += counts.posted;
    sum.received += counts.received;
    sum.lost += counts.lost;
  }
  const { posted, received, lost } = sum;
  return { posted, dropped: posted * (isolates - 1) - received, lost };
}
