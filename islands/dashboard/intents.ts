/**
 * What somebody at the dashboard wants of the shop, from the moment it is asked for.
 *
 *     pending ──its event has come──▶ confirmed
 *        │ ▲
 *        │ └──sent again── lost ──its event has come──▶ confirmed
 *        ├──no answer, or "not now"──▶ lost
 *        └──the shop says no──▶ refused
 *
 * Every action has an id or a target of its own, so that it may be sent again: the shop does it once.
 * The answer alone confirms nothing: what is shown is what the channels tell.
 */
import type { OrderStatus, OrderSummary, StockItem } from "../../lib/store/events.ts";

export type Action =
  | {
    readonly kind: "place";
    /** Of the order that is to be. */
    readonly id: string;
    readonly sku: string;
    readonly name: string;
    readonly quantity: number;
    readonly unitPrice: number;
  }
  | {
    readonly kind: "status";
    /** Of the order. */
    readonly id: string;
    readonly to: OrderStatus;
  }
  | {
    readonly kind: "restock";
    readonly id: string;
    readonly sku: string;
    readonly name: string;
    readonly quantity: number;
  };

/** What the shop answered to an action that it has done. */
export interface Answer {
  /** Of the order. */
  readonly version?: number;
  /** Of the stock, by the shop's clock. */
  readonly updatedAt?: number;
}

/** Why the shop says no. */
export type Why =
  | { readonly name: "not_enough"; readonly left: number }
  | { readonly name: "wrong_step"; readonly status: OrderStatus }
  /** The token may look, and no more. */
  | { readonly name: "forbidden" }
  | { readonly name: "token" }
  /** In the shop's own words. */
  | { readonly name: "other"; readonly detail: string };

export type IntentState =
  /** `answer`: the shop has done it, and its event is on its way. */
  | { readonly name: "pending"; readonly answer: Answer | null }
  | { readonly name: "lost"; readonly isBusy: boolean }
  | { readonly name: "refused"; readonly why: Why }
  | { readonly name: "confirmed" };

export interface Intent {
  readonly action: Action;
  /** When it was asked for, by this machine's clock. */
  readonly since: number;
  readonly state: IntentState;
}

export type IntentEvent =
  /** `known`: what the channel has told of its subject by then. */
  | { readonly kind: "answered"; readonly answer: Answer; readonly known: Subject }
  | { readonly kind: "lost"; readonly isBusy: boolean }
  | { readonly kind: "refused"; readonly why: Why }
  | { readonly kind: "sent" }
  /** The channel has told this of its subject. */
  | { readonly kind: "told"; readonly subject: Subject }
  /** The channel has told all there is, or nothing for so long that nothing will come. */
  | { readonly kind: "settled" };

/** An order or a stock item; undefined: there is none, or no longer. */
export type Subject = OrderSummary | StockItem | undefined;

const confirmed: IntentState = { name: "confirmed" };

export function begin(action: Action, since: number): Intent {
  return { action, since, state: { name: "pending", answer: null } };
}

/** Events that a state does not expect leave it as it is. */
export function advance(intent: Intent, event: IntentEvent): Intent {
  const state = stateAfter(intent, event);
  return state === intent.state ? intent : { ...intent, state };
}

function stateAfter({ action, state }: Intent, event: IntentEvent): IntentState {
  if (state.name === "confirmed" || state.name === "refused") return state;
  switch (event.kind) {
    case "answered":
      return shows(action, event.answer, event.known)
        ? confirmed
        : { name: "pending", answer: event.answer };
    case "lost":
      return { name: "lost", isBusy: event.isBusy };
    case "refused":
      return { name: "refused", why: event.why };
    case "sent":
      return state.name === "lost" ? { name: "pending", answer: null } : state;
    case "told":
      return shows(action, answerOf(state), event.subject) ||
          (event.subject === undefined && answerOf(state) !== null)
        ? confirmed
        : state;
    case "settled":
      return answerOf(state) === null ? state : confirmed;
  }
}

function answerOf(state: IntentState): Answer | null {
  return state.name === "pending" ? state.answer : null;
}

/** Whether what is told of the subject is what the action leads to, or something later. */
function shows(action: Action, answer: Answer | null, subject: Subject): boolean {
  if (subject === undefined) return false;
  if ("sku" in subject) {
    return action.kind === "restock" && answer?.updatedAt !== undefined &&
      subject.updatedAt >= answer.updatedAt;
  }
  switch (action.kind) {
    case "place":
      return true;
    case "status":
      return subject.status === action.to ||
        (answer?.version !== undefined && subject.version >= answer.version);
    case "restock":
      return false;
  }
}

/** The channel and key that tell what has become of it. */
export function subjectOf(action: Action): { readonly of: "order" | "stock"; key: string } {
  return action.kind === "restock"
    ? { of: "stock", key: action.sku }
    : { of: "order", key: action.id };
}

/** One thing is asked for once: a second time it is the same intent. */
export function keyOf(action: Action): string {
  return action.kind === "status" ? `status ${action.id}` : `${action.kind} ${action.id}`;
}

/** What may follow a status, and lead an order on. */
export const nextStatus: Readonly<Partial<Record<OrderStatus, OrderStatus>>> = {
  placed: "packed",
  packed: "shipped",
  shipped: "delivered",
};

export function canCancel(status: OrderStatus): boolean {
  return status === "placed" || status === "packed";
}
