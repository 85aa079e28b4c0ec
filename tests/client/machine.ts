/** What whoever runs the client's machine has to do at each of its steps. */
import type { TransportName } from "../../lib/client/api.ts";
import { type Event, linksOf, type State, type Timer, transition } from "../../lib/client/state.ts";

export type Effect =
  | { readonly kind: "connect" | "drop"; readonly transport: TransportName }
  | Timer;

export function step(
  from: State,
  event: Event,
  ladder: readonly TransportName[],
): readonly [State, readonly Effect[]] {
  const to = transition(from, event, ladder);
  const open = linksOf(from).filter((one) => event.kind !== "down" || one !== event.transport);
  const wanted = linksOf(to);
  const effects: Effect[] = [
    ...open.filter((one) => !wanted.includes(one)).map((
      transport,
    ) => ({ kind: "drop", transport } as const)),
    ...wanted.filter((one) => !open.includes(one)).map((
      transport,
    ) => ({ kind: "connect", transport } as const)),
  ];
  if (to.timer !== undefined && to.timer !== from.timer) effects.push(to.timer);
  return [to, effects];
}
