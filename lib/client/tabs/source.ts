/** A channel of the host's connection, which several tabs subscribe to. */
import type { StreamPosition } from "../../protocol/publication.ts";
import type { HostTab } from "./host_tab.ts";
import type { Start, WireError, WirePublication } from "../link.ts";

/** One tab's subscription. */
export interface Member {
  readonly tab: HostTab;
  readonly id: number;
  /** How far the tab has come. */
  readonly position: StreamPosition | undefined;
  started: boolean;
}

export abstract class Source {
  readonly channel: string;
  abstract readonly keyed: boolean;
  readonly members = new Set<Member>();

  constructor(channel: string) {
    this.channel = channel;
  }

  join(member: Member): void {
    this.members.add(member);
    this.serve(member);
  }

  leave(tab: HostTab): void {
    for (const member of this.members) if (member.tab === tab) this.members.delete(member);
  }

  /** Ends the subscription to the server. */
  abstract close(): void;

  /** Starts the tab where that can be done already. */
  protected abstract serve(member: Member): void;

  protected start(member: Member, start: Start, missed: readonly WirePublication[] = []): void {
    const { tab, id } = member;
    if (!this.members.has(member)) return;
    member.started = true;
    tab.post({ kind: "started", channel: this.channel, id, start, missed });
  }

  protected publish(publication: WirePublication): void {
    const message = { kind: "published", channel: this.channel, publication } as const;
    for (const { tab, started } of [...this.members]) if (started) tab.post(message);
  }

  refuse({ code, message }: WireError): void {
    const { channel } = this;
    for (const { tab, id } of [...this.members]) {
      tab.subscriptions.delete(channel);
      tab.post({ kind: "refused", channel, id, error: { code, message } });
    }
    this.members.clear();
  }
}
