import type { Change, Client, Refusal, StateChannel, Subscription } from "../api.ts";
import type { WirePublication } from "../link.ts";
import { type Member, Source } from "./source.ts";

export interface StateSourceOptions {
  readonly client: Client;
  readonly onRefused: (refusal: Refusal) => void;
}

/** A state channel: a tab that comes is given all there is. */
export class StateSource extends Source {
  readonly keyed = true;
  readonly #channel: StateChannel<unknown>;
  readonly #subscription: Subscription;

  constructor(channel: string, { client, onRefused }: StateSourceOptions) {
    super(channel);
    this.#channel = client.state(channel);
    this.#subscription = this.#channel.subscribe({
      onSync: () => this.#sync(),
      onChange: (change) => this.#change(change),
      onRefused,
    });
  }

  override close(): void {
    this.#subscription.unsubscribe();
  }

  #sync(): void {
    for (const member of [...this.members]) this.serve(member);
  }

  protected override serve(member: Member): void {
    const { entries, position } = this.#channel;
    if (entries === undefined || position === undefined) return;
    const known = member.started ? undefined : member.position;
    if (known?.epoch === position.epoch && known.offset === position.offset) {
      return this.start(member, { position, recovered: true });
    }
    const all = [...entries].map(([key, data]): WirePublication => ({ key, data }));
    this.start(member, { position, entries: all });
  }

  #change({ key, data, offset, time, info, tags, latencyMs }: Change<unknown>): void {
    this.publish({
      key,
      ...(data === undefined ? { removed: true } : { data }),
      ...(offset !== undefined && { offset }),
      ...(time !== undefined && { time }),
      ...(info !== undefined && { info }),
      ...(tags !== undefined && { tags }),
      ...(latencyMs !== undefined && { latencyMs }),
    });
  }
}
