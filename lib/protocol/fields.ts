/** Reads the fields of a command, as JSON gave them; an absent one is its type's empty value. */
import type { StreamPosition } from "./publication.ts";

/**
 * What is not of the protocol: a command that has an id is answered with error 107 and this reason,
 * anything else ends the connection with 3501.
 */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new BadFrame(`${name} is not a string`);
  return value;
}

export function channel(fields: Fields): string {
  const name = text(fields, "channel");
  if (name === "") throw new BadFrame("channel is empty");
  return name;
}

export function flag(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new BadFrame(`${name} is not true or false`);
  return value;
}

export function whole(fields: Fields, name: string): number {
  const value = fields[name];
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new BadFrame(`${name} is not a whole number`);
  }
  return value;
}

export function offset(fields: Fields): number {
  const value = whole(fields, "offset");
  if (value < 0) throw new BadFrame("offset is negative");
  return value;
}

export function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw new BadFrame(`${name} is not a list`);
  return value;
}

/** The wire's number as its name; absent: the first. */
export function oneOf<Name extends string>(
  names: readonly Name[],
  fields: Fields,
  field: string,
): Name {
  const name = names[whole(fields, field)];
  if (name === undefined) {
    throw new BadFrame(`${field} is not a number from 0 to ${names.length - 1}`);
  }
  return name;
}

export function position(value: unknown): StreamPosition | null {
  if (value === undefined || value === null) return null;
  if (!isFields(value)) throw new BadFrame("since is not an object");
  return { epoch: text(value, "epoch"), offset: offset(value) };
}
