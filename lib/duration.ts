/** Times as operators write them. */
import { z } from "zod";

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time such as `300s`, `1h`, `500ms`, as milliseconds; never 0. */
export const duration = z.string().transform((text, context) => {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(digits) * units[unit as keyof typeof units];
  if (ms > 0) return ms;
  context.addIssue({ code: "custom", message: `"${text}" is not a time such as "300s" or "1h"` });
  return z.NEVER;
});
