/** The map's script, loaded when a page needs it. */
export { openFleetMap } from "./map/mod.ts";
