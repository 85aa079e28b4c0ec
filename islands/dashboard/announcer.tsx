import type { Live } from "./live.ts";

/**
 * Tells of new orders without taking the focus from what one does. It alone does: who listens is
 * told of each of them once.
 */
export function Announcer({ live: { speech } }: { live: Live }) {
  return <p class="visually-hidden" role="status">{speech.said.value}</p>;
}
