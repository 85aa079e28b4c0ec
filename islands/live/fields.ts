/** Which columns a table of arbitrary JSON has. */

/** Columns of fields at most; what is beyond goes into one more, as JSON. */
const most = 8;

/** Characters of a cell. */
const longest = 300;

export interface Columns {
  readonly fields: readonly string[];
  /** Fields that say the key again; they are not shown. */
  readonly again: readonly string[];
  /** Whether some data has fields beside those. */
  readonly hasRest: boolean;
  /** Whether some data is no object. */
  readonly hasValue: boolean;
}

export const noColumns: Columns = { fields: [], again: [], hasRest: false, hasValue: false };

/** Grows with what is added, so that the columns of a page stay where they are. */
export class Fields {
  /** In the order in which they first appeared; whether the field has always been the key itself. */
  readonly #known = new Map<string, boolean>();
  #hasValue = false;

  add(key: string, data: unknown): void {
    if (!isRecord(data)) {
      this.#hasValue = true;
      return;
    }
    for (const [name, value] of Object.entries(data)) {
      const isKey = (this.#known.get(name) ?? true) && String(value) === key;
      this.#known.set(name, isKey);
    }
  }

  columns(): Columns {
    const fields = [...this.#known].filter(([, isKey]) => !isKey).map(([name]) => name);
    const again = [...this.#known].filter(([, isKey]) => isKey).map(([name]) => name);
    const hasRest = fields.length > most;
    return {
      fields: hasRest ? fields.slice(0, most - 1) : fields,
      again,
      hasRest,
      hasValue: this.#hasValue,
    };
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields that have no column of their own, as JSON. */
export function restOf(data: unknown, { fields, again }: Columns): string {
  if (!isRecord(data)) return "";
  const rest = Object.entries(data)
    .filter(([name]) => !fields.includes(name) && !again.includes(name));
  return rest.length === 0 ? "" : cut(JSON.stringify(Object.fromEntries(rest)));
}

/** From 2000 to 2100, in Unix milliseconds. */
const plausible = { from: 946_684_800_000, to: 4_102_444_800_000 } as const;

/** Whether a field is, by its name and its value, a time in Unix milliseconds. */
export function isTime(name: string, value: unknown): value is number {
  return /(^at|At|_at|[tT]ime|[tT]imestamp)$/.test(name) && Number.isInteger(value) &&
    Number(value) >= plausible.from && Number(value) < plausible.to;
}

/** A value as a cell shows it. */
export function cellText(value: unknown, most = longest): string {
  if (value === undefined) return "";
  return cut(typeof value === "string" ? value : JSON.stringify(value), most);
}

function cut(text: string, most = longest): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`;
}
