/** Structured logs: one JSON object a line, or for a person at a terminal a short line of text. */
export type Level = "debug" | "info" | "warn" | "error";

export interface Log {
  (level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

const order: readonly Level[] = ["debug", "info", "warn", "error"];

export interface LogOptions {
  readonly least: Level;
  readonly format: "json" | "text";
  readonly write?: (line: string) => void;
}

export function logger({ least, format, write = writeLine }: LogOptions): Log {
  return (level, message, fields = {}) => {
    if (order.indexOf(level) < order.indexOf(least)) return;
    const time = new Date().toISOString();
    write(
      format === "json"
        ? JSON.stringify({ time, level, message, ...fields })
        : `${time.slice(11, 23)} ${level.padEnd(5)} ${message}${inText(fields)}`,
    );
  };
}

/** What of an error goes into a log. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: `${error.name}: ${error.message}`, stack: error.stack };
}

function inText(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}

function writeLine(line: string): void {
  // deno-lint-ignore no-console -- the one place that writes logs
  console.log(line);
}
