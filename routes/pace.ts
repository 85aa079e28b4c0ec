/** How a client wants to be sent what it is sent, as its URL says (PROTOCOL.md 2 and 3). */
import type { Context } from "hono";
import { pingRange } from "../lib/node/heartbeat.ts";
import { ProtocolError } from "../lib/protocol/errors.ts";
import { batchRange } from "../lib/transport/batched.ts";

export interface Pace {
  /** Seconds between signs of life; undefined: as configured. */
  readonly pingSeconds: number | undefined;
  /** Milliseconds in which what is sent is gathered; undefined: it is not. */
  readonly batchMs: number | undefined;
}

/** @throws ProtocolError 107 */
export function readPace(c: Context): Pace {
  return {
    pingSeconds: readWhole(c, "ping", "seconds", pingRange),
    batchMs: readWhole(c, "batch", "milliseconds", batchRange),
  };
}

/** A parameter's value; undefined when it is absent. @throws ProtocolError 107 */
export function readWhole(
  c: Context,
  name: string,
  unit: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = c.req.query(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value >= least && value <= most) return value;
  throw new ProtocolError(
    "badRequest",
    `${name} is not a whole number of ${unit} from ${least} to ${most}`,
  );
}
