/** What somebody at the dashboard wants of the shop, sent and followed until it is confirmed. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { OrderStatus, OrderSummary, StockItem } from "../../lib/store/events.ts";
import {
  type Action,
  advance,
  begin,
  type Intent,
  type IntentEvent,
  keyOf,
  type Subject,
  subjectOf,
} from "./intents.ts";
import type { May } from "./may.ts";
import type { Outcome } from "./requests.ts";

type Kind = "order" | "stock";
/** Sends the request of an action. Never rejects. */
export type Send = (action: Action) => Promise<Outcome>;

/** More than anybody has in mind at once. */
const most = 100;
/** After its answer an event comes within this time, or was left out in favour of a later one. */
const overdueMs = 15_000;
/** The shop sells in one currency. */
const currency = "GBP";

export class Acting {
  readonly may = signal<May>("not yet");
  readonly #intents = signal<ReadonlyMap<string, Intent>>(new Map());
  #send: Send | undefined;
  /** What the channels have told of a subject. */
  #known: (of: Kind, key: string) => Subject = () => undefined;

  /** Orders that are about to be, newest first. */
  readonly placed: ReadonlySignal<readonly OrderSummary[]> = computed(() =>
    [...this.#intents.value.values()].filter(({ state }) => isOpen(state.name)).map(orderOf)
      .filter((order) => order !== undefined).reverse()
  );

  /** Those of which there is something to say: refused, or kept to be sent again. */
  readonly troubled: ReadonlySignal<readonly Intent[]> = computed(() =>
    [...this.#intents.value.values()].filter(({ state }) => state.name !== "pending")
  );

  /** From now on actions go this way, if any may; those that were lost go again. */
  open(may: May, send: Send, known: (of: Kind, key: string) => Subject): void {
    this.#send = send;
    this.#known = known;
    this.may.value = may;
    this.retryAll();
  }

  has(orderId: string): boolean {
    return this.#intents.value.has(`place ${orderId}`);
  }

  /** What an order is about to become; undefined: it stays. */
  statusOf(orderId: string): OrderStatus | undefined {
    const intent = this.#intents.value.get(`status ${orderId}`);
    return intent?.action.kind === "status" && isOpen(intent.state.name)
      ? intent.action.to
      : undefined;
  }

  /** How much is about to be added to an article's stock. */
  restocking(sku: string): number {
    let sum = 0;
    for (const { action, state } of this.#intents.value.values()) {
      if (action.kind === "restock" && action.sku === sku && isOpen(state.name)) {
        sum += action.quantity;
      }
    }
    return sum;
  }

  /** Returns the order's id. */
  place({ sku, name, unitPrice }: StockItem, quantity: number): string {
    const id = newId();
    this.#begin({ kind: "place", id, sku, name, quantity, unitPrice });
    return id;
  }

  setStatus(id: string, to: OrderStatus): void {
    if (this.statusOf(id) === undefined) this.#begin({ kind: "status", id, to });
  }

  restock({ sku, name }: StockItem, quantity: number): void {
    this.#begin({ kind: "restock", id: newId(), sku, name, quantity });
  }

  retry({ action }: Intent): void {
    const key = keyOf(action);
    if (this.#intents.value.get(key)?.state.name !== "lost") return;
    this.#advance(key, { kind: "sent" });
    this.#sendOff(action);
  }

  retryAll(): void {
    for (const intent of this.#intents.value.values()) this.retry(intent);
  }

  dismiss({ action }: Intent): void {
    this.#put(keyOf(action), undefined);
  }

  /** A channel has told of a change. Whether somebody here has wanted something of its subject. */
  told(of: Kind, key: string, subject: Subject): boolean {
    if (this.#intents.value.size === 0) return false;
    return this.#tell(of, (action) => {
      return subjectOf(action).key === key ? { kind: "told", subject } : undefined;
    });
  }

  /** A channel has told all it holds. */
  synced(of: Kind, find: (key: string) => Subject): void {
    this.#tell(of, (action) => {
      const subject = find(subjectOf(action).key);
      return subject === undefined ? { kind: "settled" } : { kind: "told", subject };
    });
  }

  #tell(of: Kind, eventFor: (action: Action) => IntentEvent | undefined): boolean {
    let isMeant = false;
    for (const [key, { action }] of this.#intents.value) {
      const event = subjectOf(action).of === of ? eventFor(action) : undefined;
      if (event === undefined) continue;
      isMeant = true;
      this.#advance(key, event);
    }
    return isMeant;
  }

  #begin(action: Action): void {
    if (this.may.value !== "yes") return;
    const intents = this.#intents.value;
    if (intents.size >= most) {
      const [oldest] = intents.keys();
      if (oldest !== undefined) this.#put(oldest, undefined);
    }
    this.#put(keyOf(action), begin(action, Date.now()));
    this.#sendOff(action);
  }

  async #sendOff(action: Action): Promise<void> {
    const key = keyOf(action);
    const outcome = await this.#send?.(action);
    if (outcome === undefined) return;
    if (outcome.kind !== "answered") {
      if (outcome.kind === "refused" && outcome.why.name === "forbidden") this.may.value = "no";
      return this.#advance(key, outcome);
    }
    const { of, key: subject } = subjectOf(action);
    this.#advance(key, { ...outcome, known: this.#known(of, subject) });
    if (this.#intents.value.has(key)) {
      setTimeout(() => this.#advance(key, { kind: "settled" }), overdueMs);
    }
  }

  #advance(key: string, event: IntentEvent): void {
    const before = this.#intents.value.get(key);
    if (before === undefined) return;
    const after = advance(before, event);
    if (after === before) return;
    if (after.state.name === "confirmed") this.#confirm(key, before.action.kind);
    else this.#put(key, after);
  }

  /** What was refused of its kind before is made up for by it, and said no longer. */
  #confirm(key: string, kind: Action["kind"]): void {
    const intents = new Map(this.#intents.value);
    for (const [earlier, { action, state }] of intents) {
      if (earlier === key) break;
      if (state.name === "refused" && action.kind === kind) intents.delete(earlier);
    }
    intents.delete(key);
    this.#intents.value = intents;
  }

  #put(key: string, intent: Intent | undefined): void {
    const intents = new Map(this.#intents.value);
    if (intent === undefined) intents.delete(key);
    else intents.set(key, intent);
    this.#intents.value = intents;
  }
}

function isOpen(state: Intent["state"]["name"]): boolean {
  return state === "pending" || state === "lost";
}

function orderOf({ action, since }: Intent): OrderSummary | undefined {
  if (action.kind !== "place") return undefined;
  return {
    id: action.id,
    status: "placed",
    country: "",
    lineCount: 1,
    total: action.quantity * action.unitPrice,
    currency,
    placedAt: since,
    updatedAt: since,
    version: 0,
  };
}

/** Of letters and digits; `randomUUID` is not there for pages of a plain address in the local network. */
function newId(): string {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `D${Date.now().toString(36)}-${[...random].map((n) => n.toString(36)).join("")}`
    .toUpperCase();
}
