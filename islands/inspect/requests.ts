/// <reference lib="dom" />
/** Requests to the inspector's own routes. */
export type Outcome<Body> =
  | { readonly kind: "done"; readonly body: Body }
  /** `status` 0: there was no answer. */
  | { readonly kind: "failed"; readonly status: number; readonly detail: string };

/** Longer than this, and the answer is not waited for. */
const withinMs = 10_000;

export function headersFor(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

/** Never rejects. @param body absent: a GET */
export async function request<Body>(
  token: string,
  path: string,
  body?: object,
): Promise<Outcome<Body>> {
  try {
    const response = await fetch(`/inspect/api/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...headersFor(token),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(withinMs),
    });
    const { status } = response;
    if (response.ok) return { kind: "done", body: await response.json() };
    const { detail = `HTTP ${status}` }: { readonly detail?: string } = await response.json()
      .catch(() => ({}));
    return { kind: "failed", status, detail };
  } catch {
    return { kind: "failed", status: 0, detail: "" };
  }
}
