/** What the shop accepts from outside: every string bounded, every number in its range. */
import { z } from "zod";
import { alertSeverity } from "./alerts_shape.ts";
import { limits } from "./context.ts";
import { orderStatus } from "./events.ts";

/** Ids go into keys, addresses and channel names: letters, digits and `. _ -` only. */
function id(max: number) {
  return z.string().max(max).regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    "must begin with a letter or digit and hold only letters, digits and . _ -",
  );
}

/** One line of text; half a character (a lone surrogate) could not be written as UTF-8. */
function line(max: number) {
  return z.string().trim().max(max)
    .regex(/^[^\p{Cc}]*$/u, "must not contain control characters")
    .refine((text) => text.isWellFormed(), "is not well-formed Unicode");
}

/** Text of several lines. */
function text(max: number) {
  return z.string().trim().min(1).max(max)
    .regex(/^(?:[^\p{Cc}]|[\n\r\t])*$/u, "must not contain control characters")
    .refine((value) => value.isWellFormed(), "is not well-formed Unicode");
}

function limit(standard: number) {
  return z.coerce.number().int().min(1).max(limits.page).default(standard);
}

const sku = id(32);
const quantity = z.int().min(1).max(100_000);
/** The place in a list that an answer's `next` named. */
const place = z.string().regex(/^[0-9A-Z]{26}$/, "must be the `next` of an earlier answer");

/** Who writes, as the chat shows it. */
export const userName = line(60).min(1);

export const orderParam = z.object({ id: id(64) });
export const skuParam = z.object({ sku });
export const vehicleParam = z.object({ id: id(64) });
export const roomParam = z.object({ room: id(64) });

export const orderBody = z.object({
  id: id(64).optional(),
  country: line(60).default(""),
  /** More than an order may have, so that it is the shop that says how many that are. */
  lines: z.array(z.object({ sku, quantity })).max(1_000),
});

export const statusBody = z.object({ status: orderStatus });

export const stockBody = z.object({
  name: line(100).min(1),
  quantity: z.int().min(0).max(100_000),
  /** In the currency's minor unit. */
  unitPrice: z.int().min(0).max(10_000_000),
  /** Fewer than this many are low; 0: it never is. */
  lowAt: z.int().min(0).max(100_000).optional(),
});

export const restockBody = z.object({ quantity, id: id(64).optional() });

const position = z.object({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  /** metres per second; phones say null where they do not know it */
  speed: z.number().min(0).max(500).nullish().transform((speed) => speed ?? 0),
  route: line(32).default(""),
  headsign: line(100).default(""),
});

export const positionBody = position.extend({
  /** Unix milliseconds; absent: now */
  at: z.int().min(0).optional(),
});

export const positionsBody = z.object({
  /** In any order. */
  positions: z.array(position.extend({
    /** When the vehicle was there, Unix milliseconds. */
    time: z.int().min(0),
  })).min(1).max(limits.positions),
});

export const messageBody = z.object({
  id: id(64).optional(),
  author: userName.optional(),
  text: text(limits.messageLength),
});

export const readBody = z.object({ upTo: place });

/** Ids of alerts hold names of a bridge's sources, whose parameters may be anything. */
const alertId = z.string().min(1).max(255)
  .refine((text) => text.isWellFormed(), "is not well-formed Unicode");
export const alertParam = z.object({ id: alertId });
export const reportBody = z.object({
  order: id(64),
  text: text(limits.reportLength),
  severity: alertSeverity.default("warning"),
});
/** `by` is for back ends: a token's user cannot be another. */
export const acknowledgeBody = z.object({ by: line(60).min(1).optional() });
export const alertsQuery = z.object({ limit: limit(200), after: alertId.optional() });

export const ordersQuery = z.object({
  limit: limit(50),
  status: orderStatus.optional(),
  before: place.optional(),
});
export const stockQuery = z.object({ limit: limit(200), after: sku.optional() });
export const vehiclesQuery = z.object({ limit: limit(200), after: id(64).optional() });
export const readQuery = z.object({ limit: limit(200) });
export const messagesQuery = z.object({ limit: limit(50), before: place.optional() });
