/**
 * From listening to a clean end. On SIGINT or SIGTERM: nobody new is let in, event streams end,
 * then WebSockets are closed with 3001, what is under way is finished, and the process exits, all
 * within 5 s.
 */
import type { Cluster } from "../node/cluster.ts";
import type { Sessions } from "../node/sessions.ts";
import { errorFields, type Log } from "./log.ts";

export interface Running {
  readonly fetch: (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;
  readonly sessions: Sessions;
  readonly cluster: Cluster;
  /** Finishes what is under way; the broker still carries it. */
  readonly settle: () => Promise<void>;
  /** Ends the rest: broker, database. */
  readonly close: () => Promise<void>;
  readonly host: string;
  readonly port: number;
  /** Deno listens, for several isolates; this is one of them. */
  readonly served: boolean;
  readonly log: Log;
}

/** Everything is given up at this time after the signal. */
const deadlineMs = 4_500;
const goodbyeMs = 500;
const serverMs = 1_500;
/** How long an isolate waits for the others of its process to have finished as well. */
const othersMs = 1_500;

export function runUntilSignal(running: Running): void {
  catchAll(running.log);
  const server = running.served ? undefined : listen(running);
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      // Often twice: from the terminal to the whole group, and handed on by the task runner.
      if (stopping) return;
      stopping = true;
      stop(running, server, signal);
    });
  }
}

function listen({ host: hostname, port, log, fetch }: Running): Deno.HttpServer {
  const onListen = ({ hostname, port }: Deno.NetAddr) =>
    log("info", "listening", { url: `http://${hostname}:${port}/` });
  try {
    return Deno.serve({ hostname, port, onListen }, fetch);
  } catch (error) {
    log("error", `cannot listen on ${hostname}:${port}`, { error: String(error) });
    Deno.exit(1);
  }
}

async function stop(
  running: Running,
  server: Deno.HttpServer | undefined,
  signal: string,
): Promise<void> {
  const { sessions, cluster, settle, close, log } = running;
  const began = performance.now();
  log("info", "shutting down", { signal, sessions: sessions.size });
  const deadline = setTimeout(() => {
    log("error", "shutdown took too long; leaving what is left");
    Deno.exit(1);
  }, deadlineMs);
  try {
    sessions.shutdown();
    // The server's own shutdown would overtake the close frames with 1001.
    await sessions.empty(goodbyeMs);
    await Promise.race([server?.shutdown(), pause(serverMs)]);
    await settle();
    cluster.leave();
    // The process ends with the first isolate that exits: let the others settle.
    if (running.served) await cluster.alone(othersMs);
    await close();
    log("info", "stopped", { ms: Math.round(performance.now() - began) });
    Deno.exit(0);
  } catch (error) {
    log("error", "shutdown failed", errorFields(error));
    Deno.exit(1);
  } finally {
    clearTimeout(deadline);
  }
}

/** The last net: nothing that slipped through may end the process. */
function catchAll(log: Log): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log("error", "unhandled rejection", errorFields(event.reason));
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log("error", "unhandled error", errorFields(event.error));
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
