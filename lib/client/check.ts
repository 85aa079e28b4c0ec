/** What an application in plain JavaScript gets wrong is told at once, and not by the server. */
import type { ConnectOptions, StreamPosition } from "./api.ts";

const transports = ["websocket", "sse", "long_poll"];
/** Timers take no more. */
const longestMs = 2 ** 31 - 1;

/** @throws TypeError with the message, where it does not hold. */
function demand(holds: boolean, message: string): void {
  if (!holds) throw new TypeError(message);
}

/** The server's root. @throws TypeError for what is no address of HTTP. */
export function rootOf(url: string | URL): URL {
  const root = new URL(url, globalThis.location?.href);
  demand(
    /^https?:$/.test(root.protocol),
    `url: ${root.protocol}// is neither http:// nor https://`,
  );
  demand(root.username + root.password === "", "url: browsers refuse a user and a password in it");
  return root;
}

/** @throws TypeError */
export function checkOptions(options: ConnectOptions): void {
  const { token = "", transports: ladder = transports, maxRate, batchWindow = 0 } = options;
  // Half a backoff would be none at all.
  const { timing, backoff: { minMs, maxMs } = { minMs: 0, maxMs: 0 } } = options;
  demand(
    typeof token === "string" || typeof token === "function",
    "token: a text, or a function that gives one",
  );
  demand(
    Array.isArray(ladder) && ladder.length > 0 && new Set(ladder).size === ladder.length &&
      ladder.every((one) => transports.includes(one)),
    `transports: a list of some of ${transports.join(", ")}, each once`,
  );
  demand(maxRate === undefined || (isNumber(maxRate) && maxRate > 0), "maxRate: above 0");
  demand(
    batchWindow === 0 ||
      (Number.isInteger(batchWindow) && batchWindow >= 10 && batchWindow <= 1_000),
    "batchWindow: 0, or from 10 to 1,000",
  );
  for (const [name, ms] of Object.entries({ ...timing, minMs, maxMs })) checkMs(name, ms);
}

/** @throws TypeError */
export function checkName(what: string, name: unknown): void {
  demand(
    typeof name === "string" && name !== "",
    `${what}: a text, and not ${String(name) || '""'}`,
  );
}

/** @throws TypeError */
export function checkPosition(since: StreamPosition | undefined): void {
  if (since === undefined) return;
  const { epoch, offset } = Object(since) as Partial<StreamPosition>;
  demand(
    typeof epoch === "string" && epoch !== "" && isCount(offset),
    "since: a position, as `position` has it",
  );
}

/** @throws TypeError */
export function checkCount(what: string, value: unknown): void {
  demand(isCount(value), `${what}: a whole number from 0 on`);
}

/** @throws TypeError */
export function checkMs(what: string, value: unknown): void {
  demand(isNumber(value) && value >= 0 && value <= longestMs, `${what}: from 0 to ${longestMs} ms`);
}

/**
 * @param form what is to be given, for people.
 * @throws TypeError for what is no object.
 */
export function checkListener(listener: unknown, form: string): void {
  demand(typeof listener === "object" && listener !== null, `subscribe: takes ${form}`);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
