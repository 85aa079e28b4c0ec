/** What an alert is: something that went wrong, kept until it is over. */
import { z } from "zod";

export const alertSeverity = z.enum(["info", "warning", "critical"]);

const common = {
  /** Follows from kind and subject: what is wrong with one thing is one alert. */
  id: z.string(),
  severity: alertSeverity,
  subject: z.string(),
  raisedAt: z.int(),
  updatedAt: z.int(),
  /** How often it was raised while it was open. */
  count: z.int().min(1),
  /** null, both: nobody has since it was last raised. */
  acknowledgedBy: z.string().nullable(),
  acknowledgedAt: z.int().nullable(),
  /** null: it is open. `resolved`: its cause is over; `closed`: by whom, null by a back end. */
  ended: z.object({
    how: z.enum(["resolved", "closed"]),
    by: z.string().nullable(),
    at: z.int(),
  }).nullable(),
};

/** `text` is what each reader's own language says it with. */
export const alert = z.discriminatedUnion("kind", [
  z.object({
    ...common,
    /** The subject is the vehicle's id. */
    kind: z.literal("vehicle_silent"),
    /** `lastAt`: when it last reported where it was. */
    text: z.object({ lastAt: z.int(), route: z.string(), headsign: z.string() }),
  }),
  z.object({
    ...common,
    /** The subject is the SKU. */
    kind: z.literal("stock_low"),
    text: z.object({ name: z.string(), quantity: z.int(), lowAt: z.int() }),
  }),
  z.object({
    ...common,
    /** The subject is the name of the bridge's source, with its parameters. */
    kind: z.literal("source_failing"),
    /** `error` is null where not everybody who sees alerts may see the source. */
    text: z.object({ since: z.int(), error: z.string().nullable() }),
  }),
  z.object({
    ...common,
    /** The subject is the order's id. */
    kind: z.literal("delivery_problem"),
    /** The latest report: in its author's words, who is null for a back end. */
    text: z.object({ message: z.string(), by: z.string().nullable() }),
  }),
]);

export type AlertSeverity = z.infer<typeof alertSeverity>;
export type Alert = z.infer<typeof alert>;
export type AlertKind = Alert["kind"];
export type AlertOf<Kind extends AlertKind> = Extract<Alert, { kind: Kind }>;

/** What may be wrong: what an alert is raised for. */
export type AlertCause = {
  readonly [Kind in AlertKind]: Pick<AlertOf<Kind>, "kind" | "severity" | "subject" | "text">;
}[AlertKind];
export type AlertCauseOf<Kind extends AlertKind> = Extract<AlertCause, { kind: Kind }>;

/** The rest of an alert: what has become of it. */
export type AlertCourse = Omit<Alert, keyof AlertCause>;
