/** API keys, compared in a time that tells nothing about how much of a guess was right. */
import { timingSafeEqual } from "node:crypto";

/** A check of a presented key against the configured one. */
export function apiKeyCheck(expected: string): (presented: string | undefined) => boolean {
  const encoder = new TextEncoder();
  const wanted = encoder.encode(expected);
  return (presented) => {
    if (presented === undefined) return false;
    const given = encoder.encode(presented);
    // The length of the key is no secret; its bytes are.
    return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
  };
}
