/** The keys of state channels, as writers give them. */
import { ProtocolError } from "../protocol/errors.ts";
import { maxKeyLength } from "../protocol/publication.ts";

/** @throws ProtocolError 107 unless it has 1 to 255 UTF-16 units of Unicode without controls. */
export function checkKey(key: string): void {
  if (key === "") throw new ProtocolError("badRequest", "key is empty");
  if (key.length > maxKeyLength) {
    throw new ProtocolError("badRequest", `key is longer than ${maxKeyLength} characters`);
  }
  if (!key.isWellFormed()) throw new ProtocolError("badRequest", "key is not Unicode");
  if (/\p{Cc}/u.test(key)) throw new ProtocolError("badRequest", "key has control characters");
}
