/// <reference lib="dom" />
/** This browser's subscription, and the reader's consent to it. */
import type { Push } from "./push.ts";

const worker = "/service_worker.js";
const address = "/push/subscriptions";

export class Subscriber {
  readonly #push: Push;
  readonly #key: string;
  readonly #token: string;
  /** Rises with each attempt: what an earlier one comes to does not count any more. */
  #attempts = 0;

  constructor(push: Push, key: string, token: string) {
    this.#push = push;
    this.#key = key;
    this.#token = token;
  }

  /** What is so now; renews what the server knows. Never rejects; asks the reader nothing. */
  async look(): Promise<void> {
    const { consent } = this.#push;
    // The reader's own choice says soon what is so.
    if (consent.value === "working") return;
    if (!isSupported()) return void (consent.value = "unsupported");
    if (Notification.permission === "denied") return void (consent.value = "denied");
    await this.#attempt(async () => {
      const subscription = await current();
      const isOn = subscription !== null && Notification.permission === "granted" &&
        subscription.options.applicationServerKey !== null && this.#isOurs(subscription);
      if (!isOn) return "off";
      const outcome = await this.#tell(subscription);
      // Whoever it was for uses this browser no more.
      if (outcome === "forbidden") await subscription.unsubscribe();
      return outcome;
    }, "off");
  }

  /** On a click: browsers want one before they ask. */
  async toggle(): Promise<void> {
    const { consent } = this.#push;
    const before = consent.value;
    if (before === "working" || before === "checking") return;
    consent.value = "working";
    await this.#attempt(() => before === "on" ? this.#turnOff() : this.#turnOn(), "failed");
  }

  async #turnOn() {
    const permission = await Notification.requestPermission();
    if (permission === "denied") return "denied" as const;
    if (permission === "default") return "off" as const;
    await navigator.serviceWorker.register(worker);
    const { pushManager } = await navigator.serviceWorker.ready;
    const known = await pushManager.getSubscription();
    // One of another key of the server's is of no use, and keeps a new one away.
    if (known !== null && !this.#isOurs(known)) await known.unsubscribe();
    const subscription = await pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: this.#key,
    });
    const outcome = await this.#tell(subscription);
    if (outcome !== "on") await subscription.unsubscribe();
    return outcome;
  }

  async #turnOff() {
    const subscription = await current();
    if (subscription === null) return "off" as const;
    const { endpoint } = subscription;
    // First here: whatever becomes of the request, nothing comes any more.
    await subscription.unsubscribe();
    await this.#send("DELETE", { endpoint });
    return "off" as const;
  }

  async #tell(subscription: PushSubscription) {
    const { language } = this.#push.page;
    const { status, ok } = await this.#send("POST", { ...subscription.toJSON(), language });
    if (status === 403) return "forbidden" as const;
    return ok ? "on" as const : "failed" as const;
  }

  async #send(method: string, body: object): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      "content-type": "application/json",
    };
    return await fetch(address, { method, headers, body: JSON.stringify(body) });
  }

  async #attempt(
    job: () => Promise<"on" | "off" | "denied" | "forbidden" | "failed">,
    otherwise: "off" | "failed",
  ): Promise<void> {
    const attempt = ++this.#attempts;
    // No network, no push service, or a browser set to have neither.
    const outcome = await job().catch(() => otherwise);
    if (attempt === this.#attempts) this.#push.consent.value = outcome;
  }

  #isOurs({ options: { applicationServerKey } }: PushSubscription): boolean {
    if (applicationServerKey === null) return false;
    const bytes = String.fromCharCode(...new Uint8Array(applicationServerKey));
    const text = btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    return text === this.#key;
  }
}

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in globalThis &&
    "Notification" in globalThis;
}

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return await registration?.pushManager.getSubscription() ?? null;
}
