/** The server on a bus that counts and loses. */
import "./bus.ts";

export { default } from "../../../main.ts";
