/** What a server answers to the client's requests: as the test says. */
import type { Command } from "../../lib/client/link.ts";

export type Commands = readonly Command[];
type Answer = (commands: Commands, init: RequestInit) => Response | Promise<Response>;

export function linesOf({ body }: RequestInit): Commands {
  return String(body).split("\n").map((line) => JSON.parse(line));
}

/** Every command is done. */
export function done(commands: Commands): Response {
  const replies = commands.map(({ id, ...command }) => {
    const [method = ""] = Object.keys(command);
    return JSON.stringify({ id, [method]: { data: { time: Date.now() } } });
  });
  return new Response(replies.join("\n"));
}

export function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
}

/** The server's own word (RFC 9457); its status is in the document. */
export function problem(
  document: { readonly status: number; readonly code?: number; readonly detail?: string },
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(document), {
    status: document.status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** Never answers; ends when it is ended. */
export function unanswered(init: RequestInit): Promise<Response> {
  return new Promise((_, reject) => {
    init.signal?.addEventListener("abort", () => reject(new Error("ended")));
  });
}

/** Answers `POST /v1/commands` and keeps what came. */
export function commandServer(answer: Answer = done) {
  const bodies: Commands[] = [];
  const fetch = (_: URL, init: RequestInit): Promise<Response> => {
    const commands = linesOf(init);
    bodies.push(commands);
    return Promise.resolve(answer(commands, init));
  };
  return { fetch, bodies };
}
