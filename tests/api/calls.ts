/** Calls to a real server as a back end or a client without a WebSocket makes them. */
import { rooms } from "../support/rooms.ts";
import { apiKey, startServer, type TestServer } from "../support/server.ts";
import { states } from "../support/states.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Parsed, where it is JSON; the text where it is not. */
  readonly body: unknown;
}

/** A server with a `room` namespace and state channels besides those that ship. */
export function startWithRooms(isolates?: number): Promise<TestServer> {
  const channels = { namespaces: [...rooms.namespaces, ...states] };
  return startServer({ channels, ...(isolates !== undefined && { isolates }) });
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return {
    status: response.status,
    type,
    body: /json/.test(type) && text !== "" ? parse(text) : text,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.split("\n").map((line): unknown => JSON.parse(line));
  }
}

/** POST /api/<method> with any body and headers; those given as null are left out. */
export async function post(
  server: TestServer,
  path: string,
  body: BodyInit,
  headers: Readonly<Record<string, string | null>> = {},
): Promise<Answer> {
  const all = { "x-api-key": apiKey, "content-type": "application/json", ...headers };
  const given = Object.entries(all).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name, value]]
  );
  return await answerOf(
    await fetch(`${server.url}${path}`, { method: "POST", body, headers: given }),
  );
}

/** The result of a method that answers 200, or its error's code. */
export async function call(
  server: TestServer,
  method: string,
  body: unknown,
): Promise<{ result?: unknown; code?: number }> {
  const { result, error } = await server.api(method, body);
  return error === undefined ? { result } : { code: (error as { code: number }).code };
}
