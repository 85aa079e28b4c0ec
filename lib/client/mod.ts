/** The client's public face. */
export { connect } from "./client.ts";
export type * from "./api.ts";
