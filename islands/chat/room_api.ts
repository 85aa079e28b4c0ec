/// <reference lib="dom" />
/** The room's routes in the shop (`/store/chat/:room/…`). */
import type { ChatMessage, ReadMark } from "../../lib/store/events.ts";
import { type MessagePage, pageSize } from "./conversation.ts";
import type { Outgoing } from "./outbox.ts";
import { retryAfterMs } from "./retry_after.ts";
import type { Sent } from "./sender.ts";

/** What is not answered within this time was lost. */
const timeoutMs = 15_000;

/** The server's answer is no: with this HTTP status. */
export class RoomRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}

export class RoomApi {
  readonly #url: string;
  readonly #token: string;
  readonly #ended = new AbortController();

  constructor(room: string, token: string) {
    this.#url = `/store/chat/${encodeURIComponent(room)}`;
    this.#token = token;
  }

  /** Requests that are under way are given up. */
  close(): void {
    this.#ended.abort();
  }

  /** @throws RoomRefusal, or why there is no answer. */
  async messages(before?: string): Promise<MessagePage> {
    const query = new URLSearchParams({ limit: `${pageSize}`, ...(before && { before }) });
    const response = await this.#ask("GET", `messages?${query}`);
    return await answerOf<MessagePage>(response);
  }

  /** @throws as `messages` does. */
  async marks(): Promise<readonly ReadMark[]> {
    const response = await this.#ask("GET", "read?limit=1000");
    return (await answerOf<{ readonly read: readonly ReadMark[] }>(response)).read;
  }

  /** Never rejects. */
  async post({ id, text }: Outgoing): Promise<Sent> {
    try {
      const response = await this.#ask("POST", "messages", { id, text });
      const { status } = response;
      if (response.ok) return { kind: "stored", message: await answerOf<ChatMessage>(response) };
      await response.body?.cancel();
      if (status === 401) return { kind: "unauthorized" };
      if (!isTemporary(status)) return { kind: "refused", status };
      const afterMs = retryAfterMs(response.headers.get("retry-after"), Date.now());
      return { kind: "later", afterMs };
    } catch {
      return { kind: "later" };
    }
  }

  /** Never rejects. Whether there is nothing more to tell. */
  async markRead(upTo: string): Promise<boolean> {
    try {
      const response = await this.#ask("PUT", "read", { upTo });
      await response.body?.cancel();
      return response.ok || !isTemporary(response.status);
    } catch {
      return false;
    }
  }

  #ask(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#url}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(timeoutMs)]),
    });
  }
}

/** Of what a proxy says for the server, too. */
function isTemporary(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** The server is our own: its answers have the types that its routes have. @throws RoomRefusal */
async function answerOf<Answer>(response: Response): Promise<Answer> {
  if (response.ok) return await response.json();
  await response.body?.cancel();
  throw new RoomRefusal(response.status);
}
