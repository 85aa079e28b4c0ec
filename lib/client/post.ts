/** Calls without a WebSocket: `POST /v1/commands` (PROTOCOL.md 4). */
import { downByAnswer, headers } from "./http.ts";
import type { LinkContext } from "./link.ts";
import type { Down } from "./state.ts";

type Caller = Pick<LinkContext, "url" | "token" | "environment" | "counted">;

/** @returns the replies, a line each, or why there are none. @throws where there is no answer. */
export async function postCommands(
  caller: Caller,
  body: string,
  signal: AbortSignal,
): Promise<readonly string[] | Down> {
  const url = new URL("v1/commands", caller.url);
  caller.counted(0, body);
  const init = { method: "POST", headers: headers(caller, {}), body, signal };
  const response = await caller.environment.fetch(url, init);
  if (response.status !== 200) return (await downByAnswer(response)).why;
  const text = await response.text();
  caller.counted(text, 0);
  return text.split("\n").filter((line) => line !== "");
}
