import { ProtocolError } from "../protocol/errors.ts";

/**
 * What one method answers, as JSON text: `{"result":…}` or `{"error":…}`.
 * @param method gives its result as JSON text.
 * @throws only what is not the caller's to know.
 */
export async function answer(method: () => Promise<string>): Promise<string> {
  try {
    return `{"result":${await method()}}`;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return JSON.stringify({ error });
  }
}
