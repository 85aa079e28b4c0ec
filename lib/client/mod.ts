/** The client's public face. */
export { type Client, type ClientOptions, connect, type Feed, type Publication } from "./client.ts";
export type { State, TransportName } from "./state.ts";
