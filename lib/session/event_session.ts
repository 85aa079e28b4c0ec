/** One client of `/v1/events` over SSE: catches up, then joins the group of its channels. */
import { clientInfo, type Identity, isOver } from "../auth/identity.ts";
import type { Node } from "../node/node.ts";
import type { Disconnect } from "../protocol/disconnects.ts";
import { disconnects } from "../protocol/disconnects.ts";
import {
  type ChannelStart,
  heartbeatBlock,
  messageBlock,
  subscribedBlock,
} from "../protocol/events.ts";
import type { ClientInfo } from "../protocol/publication.ts";
import { openEventStream } from "../transport/sse.ts";
import { drained, type Transport } from "../transport/transport.ts";
import { Attendance } from "./attendance.ts";
import type { EventGroups, GroupMember, GroupNews } from "./event_group.ts";
import { EventReader, type EventRequest } from "./event_reader.ts";
import type { Beating } from "../node/heartbeat.ts";
import type { Connected } from "../node/sessions.ts";

export interface EventSessionOptions {
  readonly node: Node;
  readonly groups: EventGroups;
  readonly request: EventRequest;
  readonly identity: Identity;
  readonly joinLeave: boolean;
}

const encoder = new TextEncoder();
const heartbeat = encoder.encode(heartbeatBlock);
const pageCount = 500;
const pageBytes = 256 * 1024;
const catchUpPatienceMs = 25_000;

/** The response, whose body the session writes. @throws what opening the channels throws. */
export async function openEventSession(options: EventSessionOptions): Promise<Response> {
  const reader = new EventReader(options.node, options.request);
  try {
    const starts = await reader.start();
    return new EventSession(options, reader, starts).response;
  } catch (error) {
    reader.release();
    options.node.sessions.dismiss();
    throw error;
  }
}

class EventSession implements Connected, GroupMember, Beating {
  readonly id = crypto.randomUUID();
  readonly transport = "sse";
  readonly user: string;
  readonly response: Response;
  readonly #options: EventSessionOptions;
  readonly #reader: EventReader;
  readonly #stream: Transport<Uint8Array>;
  readonly #attendances: readonly Attendance[];
  readonly #stopHeartbeat: () => void;
  #leaveGroup: (() => void) | undefined;
  #open = true;

  constructor(options: EventSessionOptions, reader: EventReader, starts: readonly ChannelStart[]) {
    const { node, identity } = options;
    this.user = identity.user;
    this.#options = options;
    this.#reader = reader;
    this.#attendances = attendancesOf(options, clientInfo(identity, this.id));
    const { response, transport } = openEventStream(() => this.#closed(), node.limits.backlog);
    this.response = response;
    this.#stream = transport;
    this.#stopHeartbeat = node.comments.add(this);
    this.#write(subscribedBlock(starts, reader.cursor, Date.now()));
    for (const attendance of this.#attendances) attendance.enter();
    this.#run().catch((error) => {
      node.onError(error, "event stream");
      this.close(disconnects.serverError);
    });
    node.sessions.add(this);
  }

  get backlog(): number {
    return this.#stream.backlog;
  }

  take(news: GroupNews): void {
    this.#stream.send(news.bytes);
  }

  beat(): void {
    if (isOver(this.#options.identity.expiresAt)) this.close(disconnects.expired);
    else this.#stream.send(heartbeat);
  }

  graceOver(): void {
    // Nothing is expected back.
  }

  close(disconnect: Disconnect): void {
    this.#stream.close(disconnect);
  }

  async #run(): Promise<void> {
    while (this.#open) {
      const open = () => this.#open;
      if (!await drained(this.#stream, pageBytes, catchUpPatienceMs, open)) {
        return this.close(disconnects.slow);
      }
      const next = await this.#reader.next(pageCount);
      if (!this.#open) return;
      if (next === null) return this.#join();
      if ("lost" in next) {
        this.#write(subscribedBlock([next.lost], this.#reader.cursor, Date.now()));
      } else if (next.length > 0) {
        this.#write(next.map(({ text, cursor }) => messageBlock(text, cursor)).join(""));
      }
    }
  }

  #join(): void {
    const { streams, hash } = this.#reader;
    // The reader empties its list when it is released; the group keeps its own.
    this.#leaveGroup = this.#options.groups.join(
      this,
      [...streams],
      hash,
      this.#options.joinLeave,
    );
  }

  #write(text: string): void {
    this.#stream.send(encoder.encode(text));
  }

  #closed(): void {
    this.#open = false;
    this.#stopHeartbeat();
    this.#leaveGroup?.();
    for (const attendance of this.#attendances) attendance.exit();
    this.#reader.release();
    this.#options.node.sessions.remove(this);
    this.#options.node.sessions.dismiss();
  }
}

function attendancesOf({ node, request }: EventSessionOptions, info: ClientInfo): Attendance[] {
  return request.channels.flatMap((channel, i) => {
    const rules = request.rules[i];
    return rules === undefined ? [] : [new Attendance(node, channel, rules, info)];
  });
}
