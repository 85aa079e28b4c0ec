/**
 * One timer for the heartbeats of all sessions of an isolate: thousands of them cost no timer each
 * and do not all speak in the same moment. Clients may ask for a period of their own; each period
 * has a wheel, made when it is first asked for.
 */
import { type Beating, Wheel } from "./wheel.ts";

/** Whole seconds between signs of life that a client may ask for. */
export const pingRange = { least: 10, most: 60 };

const tickMs = 1_000;

export class Heartbeat {
  readonly #period: number;
  readonly #grace: number;
  readonly #onError: (error: unknown) => void;
  readonly #wheels = new Map<number, Wheel>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #count = 0;

  /**
   * Both in whole seconds.
   * @param periodSeconds of those who ask for none.
   * @param graceSeconds how long after a beat its grace is over; one second less than the period where
   * that is shorter.
   */
  constructor(
    periodSeconds: number,
    graceSeconds: number,
    onError: (error: unknown, stage: string) => void = () => {},
  ) {
    this.#period = periodSeconds;
    this.#grace = graceSeconds;
    this.#onError = (error) => onError(error, "heartbeat");
  }

  /**
   * Beats within the period, then once a period, until the returned function is called.
   * @param periodSeconds as configured, or within `pingRange`: so there are few wheels.
   */
  add(beating: Beating, periodSeconds = this.#period): () => void {
    const remove = this.#wheel(periodSeconds).add(beating);
    this.#count++;
    this.#timer ??= setInterval(() => this.tick(), tickMs);
    return () => {
      if (!remove() || --this.#count > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** One second has passed. */
  tick(): void {
    for (const wheel of this.#wheels.values()) wheel.tick(this.#onError);
  }

  #wheel(periodSeconds: number): Wheel {
    let wheel = this.#wheels.get(periodSeconds);
    if (wheel === undefined) {
      wheel = new Wheel(periodSeconds, Math.min(this.#grace, periodSeconds - 1));
      this.#wheels.set(periodSeconds, wheel);
    }
    return wheel;
  }
}
