import { ProtocolError } from "../protocol/errors.ts";

/** Updates of a key a second that a subscriber may ask for. */
const rates = { least: 0.01, most: 100 };

/** The milliseconds between updates at `maxRate` a second. @throws ProtocolError 107 */
export function intervalOf(maxRate: unknown): number {
  if (typeof maxRate !== "number" || !(maxRate >= rates.least && maxRate <= rates.most)) {
    throw new ProtocolError(
      "badRequest",
      `maxRate is not a number from ${rates.least} to ${rates.most}`,
    );
  }
  return Math.ceil(1_000 / maxRate);
}
