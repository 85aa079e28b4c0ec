/** Sends an action to the shop, and says what has become of the request. */
import type { OrderStatus } from "../../lib/store/events.ts";
import type { Action, Answer, Why } from "./intents.ts";

export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "lost"; readonly isBusy: boolean }
  | { readonly kind: "refused"; readonly why: Why };

/** Longer than this, and the answer is not waited for. */
const withinMs = 10_000;

/** Never rejects. */
export async function send(action: Action, token: string): Promise<Outcome> {
  const { method, path, body } = requestOf(action);
  try {
    const response = await fetch(`/store/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(withinMs),
    });
    return outcomeOf(response.status, await response.json().catch(() => null));
  } catch {
    return { kind: "lost", isBusy: false };
  }
}

function requestOf(action: Action) {
  switch (action.kind) {
    case "place": {
      const { id, sku, quantity } = action;
      return { method: "POST", path: "orders", body: { id, lines: [{ sku, quantity }] } };
    }
    case "status":
      return {
        method: "PATCH",
        path: `orders/${encodeURIComponent(action.id)}`,
        body: { status: action.to },
      };
    case "restock": {
      const { id, sku, quantity } = action;
      const path = `stock/${encodeURIComponent(sku)}/restock`;
      return { method: "POST", path, body: { id, quantity } };
    }
  }
}

/** @param body JSON of any form; null: none */
export function outcomeOf(status: number, body: unknown): Outcome {
  const said = fieldsOf(body);
  if (status >= 200 && status < 300) {
    const { version, updatedAt } = said;
    const answer = {
      ...(typeof version === "number" && { version }),
      ...(typeof updatedAt === "number" && { updatedAt }),
    };
    return { kind: "answered", answer };
  }
  // What fails for a reason that passes is kept, for it may be sent again.
  if (status >= 500 || status === 408 || status === 429) return { kind: "lost", isBusy: true };
  return { kind: "refused", why: whyOf(status, said) };
}

function whyOf(status: number, { reason, left, orderStatus, detail }: Fields): Why {
  if (status === 403) return { name: "forbidden" };
  if (status === 401) return { name: "token" };
  if (reason === "not_enough" && typeof left === "number") return { name: "not_enough", left };
  if (reason === "wrong_step" && isStatus(orderStatus)) {
    return { name: "wrong_step", status: orderStatus };
  }
  return { name: "other", detail: typeof detail === "string" ? detail : `HTTP ${status}` };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(body: unknown): Fields {
  return typeof body === "object" && body !== null ? { ...body } : {};
}

const statuses: Readonly<Record<OrderStatus, true>> = {
  placed: true,
  packed: true,
  shipped: true,
  delivered: true,
  cancelled: true,
};

function isStatus(value: unknown): value is OrderStatus {
  return typeof value === "string" && Object.hasOwn(statuses, value);
}
