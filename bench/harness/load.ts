/** Subscribers and publishers: wsload and hpub with names for their arguments and results. */
import { type Child, startChild } from "./child.ts";
import type { LoadPrograms } from "./programs.ts";

export interface Readers {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  /** How long they read, from when all of them are open. */
  readonly seconds: number;
  readonly transport?: "ws" | "sse";
  /** What each sends first, and what it receives once it is subscribed. */
  readonly first?: string;
  readonly subscribed?: string;
}

/** Lateness in milliseconds, from the message's own time to its receipt. */
export interface Received {
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly closed: number;
}

export interface Publishers {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** Messages a second; absent: as fast as the answers come. */
  readonly rate?: number;
  /** Absent: the message alone is the body. */
  readonly channel?: string;
  /** Messages go round so many; `{n}` in `url` and `channel` is which. */
  readonly channels?: number;
  readonly key?: string;
  /** Messages go round so many keys; absent: they have none. */
  readonly keys?: number;
  readonly size?: number;
}

/** Times in milliseconds, from request to answer. */
export interface Published {
  readonly acknowledged: number;
  readonly bad: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export interface OpenReaders extends AsyncDisposable {
  readonly received: Promise<Received>;
}

/** Resolves when all of them are open and subscribed. */
export async function openReaders(programs: LoadPrograms, readers: Readers): Promise<OpenReaders> {
  const { port, path, connections, seconds, transport = "ws", first, subscribed } = readers;
  const args = [transport, port, path, connections, seconds, first ?? "", subscribed ?? ""];
  const child = await startChild(programs.wsload, args.map(String));
  return { received: parsed<Received>(child), [Symbol.asyncDispose]: () => disposed(child) };
}

export async function publish(
  programs: LoadPrograms,
  publishers: Publishers,
): Promise<Published> {
  const args = Object.entries(publishers).map(([name, value]) => `-${name}=${value}`);
  await using child = await startChild(programs.hpub, args, { ready: false });
  return await parsed<Published>(child);
}

function parsed<Result>(child: Child): Promise<Result> {
  const result = child.lastLine.then((line): Result => JSON.parse(line));
  result.catch(() => {}); // Also when nobody waits for it any more.
  return result;
}

async function disposed(child: Child): Promise<void> {
  await child[Symbol.asyncDispose]();
}
