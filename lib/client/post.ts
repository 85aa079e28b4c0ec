/** Calls without a WebSocket: `POST /v1/commands` (PROTOCOL.md 4). */
import { downByAnswer, headers } from "./http.ts";
import type { LinkContext } from "./link.ts";
import type { Down } from "./state.ts";

type Caller = Pick<LinkContext, "url" | "token" | "environment" | "counted">;

/** An answer that takes longer may have been lost on its way. */
const answerMs = 10_000;

/**
 * @param request ends it; it is ended where no answer comes in time.
 * @returns the replies, a line each, or why there are none. @throws where there is no answer.
 */
export async function postCommands(
  caller: Caller,
  body: string,
  request: AbortController,
): Promise<readonly string[] | Down> {
  const url = new URL("v1/commands", caller.url);
  caller.counted(0, body);
  const { signal } = request;
  const init = { method: "POST", headers: headers(caller, {}), body, signal };
  const timer = setTimeout(() => request.abort(), answerMs);
  try {
    const response = await caller.environment.fetch(url, init);
    if (response.status !== 200) return (await downByAnswer(response)).why;
    const text = await response.text();
    caller.counted(text, 0);
    return text.split("\n").filter((line) => line !== "");
  } finally {
    clearTimeout(timer);
  }
}
