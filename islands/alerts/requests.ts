/** Acknowledges and closes alerts, and says what has become of the request. */

export type AlertAction = "acknowledge" | "close";

export type Failure =
  | { readonly name: "forbidden" | "token" | "gone" | "taken" | "lost" }
  | { readonly name: "other"; readonly detail: string };

export type Outcome =
  /** `updatedAt`: that of the alert as it is now. */
  | { readonly kind: "done"; readonly updatedAt: number }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Longer than this, and the answer is not waited for. */
const withinMs = 10_000;

/** Never rejects. */
export async function send(action: AlertAction, id: string, token: string): Promise<Outcome> {
  const path = `/store/alerts/${encodeURIComponent(id)}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const request = action === "close"
    ? fetch(path, { method: "DELETE", headers, signal: AbortSignal.timeout(withinMs) })
    : fetch(`${path}/acknowledge`, {
      method: "POST",
      headers,
      body: "{}",
      signal: AbortSignal.timeout(withinMs),
    });
  try {
    const response = await request;
    return outcomeOf(response.status, await response.json().catch(() => null));
  } catch {
    return { kind: "failed", failure: { name: "lost" } };
  }
}

const names: Readonly<Record<number, Exclude<Failure["name"], "other">>> = {
  401: "token",
  403: "forbidden",
  404: "gone",
  409: "taken",
};

/** @param body JSON of any form; null: none */
export function outcomeOf(status: number, body: unknown): Outcome {
  const said: Readonly<Record<string, unknown>> = { ...(typeof body === "object" && body) };
  if (status >= 200 && status < 300) {
    const { updatedAt } = said;
    return { kind: "done", updatedAt: typeof updatedAt === "number" ? updatedAt : 0 };
  }
  const name = status >= 500 || status === 408 || status === 429 ? "lost" : names[status];
  if (name !== undefined) return { kind: "failed", failure: { name } };
  const detail = typeof said["detail"] === "string" ? said["detail"] : `HTTP ${status}`;
  return { kind: "failed", failure: { name: "other", detail } };
}
