/** Why a session ends: a WebSocket close code and a reason of at most 123 bytes (PROTOCOL.md 2.4). */
export interface Disconnect {
  readonly code: number;
  readonly reason: string;
}

export const disconnects = {
  connectionClosed: { code: 3000, reason: "connection closed" },
  shutdown: { code: 3001, reason: "shutdown" },
  serverError: { code: 3004, reason: "internal server error" },
  expired: { code: 3005, reason: "connection expired" },
  subscriptionExpired: { code: 3006, reason: "subscription expired" },
  slow: { code: 3008, reason: "slow" },
  writeError: { code: 3009, reason: "write error" },
  insufficientState: { code: 3010, reason: "insufficient state" },
  forceReconnect: { code: 3011, reason: "force reconnect" },
  noPong: { code: 3012, reason: "no pong" },
  tooManyRequests: { code: 3013, reason: "too many requests" },
  stateInvalidated: { code: 3014, reason: "state invalidated" },
  invalidToken: { code: 3500, reason: "invalid token" },
  badRequest: { code: 3501, reason: "bad request" },
  stale: { code: 3502, reason: "stale" },
  forceNoReconnect: { code: 3503, reason: "force no reconnect" },
  connectionLimit: { code: 3504, reason: "connection limit" },
  channelLimit: { code: 3505, reason: "channel limit" },
  inappropriateProtocol: { code: 3506, reason: "inappropriate protocol" },
  permissionDenied: { code: 3507, reason: "permission denied" },
  notAvailable: { code: 3508, reason: "not available" },
  tooManyErrors: { code: 3509, reason: "too many errors" },
  messageTooBig: { code: 1009, reason: "message too big" },
} as const satisfies Record<string, Disconnect>;

/** Why one subscription ends while its session goes on. */
export const unsubscribes = {
  server: { code: 2000, reason: "server unsubscribe" },
  insufficientState: { code: 2500, reason: "insufficient state" },
  expired: { code: 2501, reason: "subscription expired" },
  stateInvalidated: { code: 2502, reason: "state invalidated" },
} as const satisfies Record<string, Disconnect>;

/** Whether a client comes back after this code; the ranges are the protocol's. */
export function reconnects(code: number): boolean {
  return !((code >= 3500 && code < 4000) || (code >= 4500 && code < 5000));
}

/** The same disconnect with more in its reason, cut to the 123 bytes a close frame can carry. */
export function withDetail(disconnect: Disconnect, detail: string): Disconnect {
  const bytes = new TextEncoder().encode(`${disconnect.reason}: ${detail}`).subarray(0, 123);
  // A character cut in half at the end decodes to U+FFFD; leave it out.
  const reason = new TextDecoder().decode(bytes).replace(/\uFFFD+$/, "");
  return { code: disconnect.code, reason };
}
