/** State channels as a CHANNELS_FILE declares them. */
import { roomRights } from "./rooms.ts";

const history = { size: 100, ttl: "1h" };
const allow = { ...roomRights, publish: "anyone" } as const;

export const states = [
  { name: "board", history, keyed: {}, filter: true, allow },
  { name: "top", history, keyed: { order: "score", maxKeys: 3 }, allow },
  { name: "soon", history, keyed: { ttl: "50ms" }, allow },
  { name: "by-client", history, keyed: { clientKey: "client" }, allow },
  { name: "by-user", history, keyed: { clientKey: "user" }, allow },
  { name: "who", history, keyed: { kind: "clients" }, allow: { subscribe: "anyone" } },
] as const;
