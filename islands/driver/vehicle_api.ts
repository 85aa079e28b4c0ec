/// <reference lib="dom" />
/** The vehicle's routes in the shop, below `/store/vehicles/:id`. */
import { retryAfterMs } from "../chat/retry_after.ts";
import type { ServerClock } from "./server_clock.ts";
import type { Outcome } from "./uplink.ts";
import type { Report } from "./waiting.ts";

/** What is not answered within this time was lost. */
const timeoutMs = 10_000;

export interface VehicleApiOptions {
  readonly vehicle: string;
  readonly token: string;
  readonly clock: ServerClock;
}

export class VehicleApi {
  readonly #options: VehicleApiOptions;
  readonly #ended = new AbortController();

  constructor(options: VehicleApiOptions) {
    this.#options = options;
  }

  /** Requests that are under way are given up. */
  close(): void {
    this.#ended.abort();
  }

  /** Never rejects. */
  async post(reports: readonly Report[]): Promise<Outcome> {
    const { clock } = this.#options;
    const sentAt = Date.now();
    const positions = reports.map((one) => ({ ...one, time: one.time + clock.aheadMs }));
    try {
      const response = await this.#request("POST", "/positions", JSON.stringify({ positions }));
      const answer: unknown = await response.json().catch(() => null);
      const receivedAt = Date.now();
      const { now, reason } = fieldsOf(answer);
      if (typeof now === "number") clock.learn(now, sentAt, receivedAt);
      if (response.ok) return { kind: "taken", latencyMs: receivedAt - sentAt };
      return refusalOf(response, reason);
    } catch {
      return { kind: "later" };
    }
  }

  /** The vehicle is off duty. Never rejects: where this is lost, it is shown as silent. */
  async withdraw(): Promise<void> {
    await this.#request("DELETE", "", null).catch(() => {});
  }

  #request(method: string, path: string, body: string | null): Promise<Response> {
    const { vehicle, token } = this.#options;
    return fetch(`/store/vehicles/${encodeURIComponent(vehicle)}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body,
      signal: AbortSignal.any([this.#ended.signal, AbortSignal.timeout(timeoutMs)]),
    });
  }
}

function refusalOf({ status, headers }: Response, reason: unknown): Outcome {
  if (status === 401) return { kind: "unauthorized" };
  if (status === 403) return { kind: "forbidden" };
  if (status === 400 && reason === "future") return { kind: "early" };
  if (status === 400 || status === 413) return { kind: "malformed" };
  return { kind: "later", afterMs: retryAfterMs(headers.get("retry-after"), Date.now()) };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}
