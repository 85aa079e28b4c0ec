/** What a shared poll namespace is: whose keys clients may follow, and which back end is asked. */
import type { Signatures } from "./signatures.ts";

export interface SharedPollRules {
  readonly url: string;
  /** Between two questions about the same keys. */
  readonly everyMs: number;
  /** Whether the back end numbers its values; otherwise they are compared here. */
  readonly versioned: boolean;
  readonly signatures: Signatures;
  /** Values are secrets. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Of one exchange, its body included. */
  readonly timeoutMs: number;
  /** Of an answer's body, decompressed. */
  readonly maxBytes: number;
  /** That one connection may follow in one channel. */
  readonly maxKeysPerConnection: number;
  /** That all connections of an isolate may follow in one channel. */
  readonly maxKeys: number;
  /** Keys in one request. */
  readonly batchSize: number;
  /** Whether the server API may publish here, besides what the polls bring. */
  readonly publishEnabled: boolean;
}
