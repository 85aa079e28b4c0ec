/** The client's public face. */
export { type Client, connect } from "./client.ts";
export type { Change, ClientOptions, Feed, Publication, StateListener } from "./options.ts";
export type { State, TransportName } from "./state.ts";
