/**
 * One client in one channel, as others see it: presence, and the signals to those who want them.
 *
 *     away ──▶ coming ──▶ present ──▶ gone
 *
 * Whoever goes while it is coming has never been there: others are told neither.
 */
import type { Namespace } from "../channels.ts";
import type { Node } from "../node/node.ts";
import type { ClientInfo } from "../protocol/publication.ts";

export class Attendance {
  readonly #node: Node;
  readonly #channel: string;
  readonly #rules: Namespace;
  readonly #info: ClientInfo;
  #state: "away" | "coming" | "present" | "gone" = "away";
  #leaveState: () => void = () => {};

  constructor(node: Node, channel: string, rules: Namespace, info: ClientInfo) {
    this.#node = node;
    this.#channel = channel;
    this.#rules = rules;
    this.#info = info;
  }

  /** Resolves when the client is present; never rejects. Nothing happens without presence. */
  async enter(): Promise<void> {
    const { presence, presenceIn } = this.#rules;
    if (!presence && presenceIn === null || this.#state !== "away") return;
    this.#state = "coming";
    try {
      if (presence) await this.#node.presence.add(this.#channel, this.#info);
      if (presenceIn !== null) await this.#enterState();
    } catch (error) {
      this.#node.onError(error, "presence");
    }
    if (this.#isGone()) return;
    this.#state = "present";
    this.#signal("join");
  }

  /** Returns at once; a failure is reported. */
  exit(): void {
    const before = this.#state;
    this.#state = "gone";
    if (before === "gone") return;
    if (before === "away") return this.#removeOwnKey();
    this.#leave();
    if (before === "present") this.#signal("leave");
  }

  /** Never rejects. Whoever is told by a state channel and asks for the presence then finds it so. */
  async #leave(): Promise<void> {
    try {
      if (this.#rules.presence) {
        await this.#node.presence.remove(this.#channel, this.#info.client);
      }
    } catch (error) {
      this.#node.onError(error, "presence");
    }
    this.#leaveState();
    this.#removeOwnKey();
  }

  async #enterState(): Promise<void> {
    const leave = await this.#node.presenceInState.enter(this.#channel, this.#rules, this.#info);
    if (this.#isGone()) leave();
    else this.#leaveState = leave;
  }

  #removeOwnKey(): void {
    const { keyed, history: retention } = this.#rules;
    if (keyed === null || !keyed.removeOnUnsubscribe) return;
    const removal = { data: "null", key: this.#info.client, removed: true } as const;
    this.#node.broker.publish(this.#channel, removal, { retention, keyed })
      .catch((error) => this.#node.onError(error, "presence"));
  }

  #isGone(): boolean {
    return this.#state === "gone";
  }

  #signal(kind: "join" | "leave"): void {
    if (!this.#rules.joinLeave) return;
    this.#node.broker.signal(this.#channel, { kind, info: this.#info });
  }
}
