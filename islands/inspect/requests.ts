/// <reference lib="dom" />
/** Requests to the inspector's own routes. */
export type Outcome<Body> =
  | { readonly kind: "done"; readonly body: Body }
  | Failed;

export interface Failed {
  readonly kind: "failed";
  /** 0: there was no answer. */
  readonly status: number;
  /** Of the protocol's error table; null: the refusal has none. */
  readonly code: number | null;
  readonly detail: string;
}

interface Refusal {
  readonly detail?: string;
  readonly code?: number;
}

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
    const refusal: Refusal = await response.json().catch(() => ({}));
    const { detail = `HTTP ${status}`, code = null } = refusal;
    return { kind: "failed", status, code, detail };
  } catch {
    return { kind: "failed", status: 0, code: null, detail: "" };
  }
}
