/** What an application in plain JavaScript gets wrong is told at once, and not by the server. */
import type { ConnectOptions, StreamPosition } from "./api.ts";

const transports = ["websocket", "sse", "long_poll"];
/** Timers take no more. */
const longestMs = 2 ** 31 - 1;

/** @throws TypeError "<what> <is what it is not>" */
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
  const { transports: ladder = transports, maxRate, batchWindow = 0, timing, backoff } = options;
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
  for (const [name, ms] of Object.entries({ ...timing, ...backoff })) {
    demand(isNumber(ms) && ms >= 0 && ms <= longestMs, `${name}: from 0 to ${longestMs} ms`);
  }
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

export function checkCount(what: string, value: unknown): void {
  demand(isCount(value), `${what}: a whole number from 0 on`);
}

/** @throws TypeError for what is neither a function nor, where there is one, of the other kind. */
export function checkMs(what: string, value: unknown): void {
  demand(isNumber(value) && value >= 0 && value <= longestMs, `${what}: from 0 to ${longestMs} ms`);
}

export function checkListener(listener: unknown, type: "function" | "object"): void {
  const form = type === "object" ? "an object with onSync and onChange" : "a function";
  demand(typeof listener === type && listener !== null, `subscribe: takes ${form}`);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
