/**
 * One client of `/v1/events` over SSE: catches up, then joins the group of its channels.
 *
 *     catching up ──level──▶ joined ──slow, or an update apart──▶ catching up
 *
 * Only a client of keyed channels falls behind again; it is given the latest of each key then.
 */
import { clientInfo, type Identity, isOver } from "../auth/identity.ts";
import type { Node } from "../node/node.ts";
import type { Disconnect } from "../protocol/disconnects.ts";
import { disconnects } from "../protocol/disconnects.ts";
import {
  type ChannelStart,
  cursorBlock,
  heartbeatBlock,
  messageBlock,
  probeBlock,
  stateBlock,
  subscribedBlock,
} from "../protocol/events.ts";
import type { ClientInfo } from "../protocol/publication.ts";
import { type BatchedOptions, BatchedTransport, joinBytes } from "../transport/batched.ts";
import { openEventStream } from "../transport/sse.ts";
import { drained, type Transport } from "../transport/transport.ts";
import { Attendance } from "./attendance.ts";
import type { EventGroups, GroupMember, GroupNews, Membership } from "./event_group.ts";
import { EventReader, type EventRequest, type Message, type Step } from "./event_reader.ts";
import type { Beating } from "../node/wheel.ts";
import type { Connected } from "../node/sessions.ts";

export interface EventSessionOptions {
  readonly node: Node;
  readonly groups: EventGroups;
  readonly request: EventRequest;
  readonly identity: Identity;
  readonly joinLeave: boolean;
  /** Seconds between signs of life, within `pingRange`; undefined: as configured. */
  readonly pingSeconds?: number | undefined;
  /** Gathers what is sent; undefined: it is written at once. */
  readonly batch?: Pick<BatchedOptions<Uint8Array>, "windowMs" | "grid"> | undefined;
  /** Milliseconds until the probe; undefined: there is none. */
  readonly probeMs?: number | undefined;
}

const encoder = new TextEncoder();
const heartbeat = encoder.encode(heartbeatBlock);
const pageCount = 500;
const pageBytes = 256 * 1024;
/** A client of keyed channels that leaves more unread is slow. */
const slowBytes = 128 * 1024;
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
  readonly since = Date.now();
  readonly transport = "sse";
  readonly user: string;
  readonly response: Response;
  readonly #options: EventSessionOptions;
  readonly #reader: EventReader;
  readonly #stream: Transport<Uint8Array>;
  readonly #batched: BatchedTransport<Uint8Array> | undefined;
  readonly #attendances: readonly Attendance[];
  readonly #stopHeartbeat: () => void;
  /** Whether the latest of a key can stand for what came before it, on some channel. */
  readonly #keyed: boolean;
  #group: Membership | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #probe: ReturnType<typeof setTimeout> | undefined;
  #open = true;

  constructor(options: EventSessionOptions, reader: EventReader, starts: readonly ChannelStart[]) {
    const { node, identity, batch, probeMs } = options;
    this.user = identity.user;
    this.#keyed = options.request.rules.some(({ keyed }) => keyed !== null);
    this.#options = options;
    this.#reader = reader;
    this.#attendances = attendancesOf(options, clientInfo(identity, this.id));
    const { response, transport } = openEventStream(() => this.#closed(), node.limits.backlog);
    this.response = response;
    if (batch !== undefined) {
      this.#batched = new BatchedTransport(transport, { ...batch, join: joinBytes });
    }
    this.#stream = this.#batched ?? transport;
    if (probeMs !== undefined) {
      // Not gathered: it tells how long the way takes.
      const probe = () => transport.send(encoder.encode(probeBlock(Date.now())));
      this.#probe = setTimeout(probe, probeMs);
    }
    this.#stopHeartbeat = node.comments.add(this, options.pingSeconds);
    this.#write(subscribedBlock(starts, reader.cursor, Date.now()));
    for (const attendance of this.#attendances) attendance.enter();
    this.#start(false);
    node.sessions.add(this);
  }

  get backlog(): number {
    return this.#stream.backlog;
  }

  get lag(): number {
    return this.#group === undefined ? this.#reader.lag : 0;
  }

  get channels(): readonly string[] {
    return this.#options.request.channels;
  }

  take(news: GroupNews): void {
    if (this.#keyed && this.#isTooMuch(news)) this.#fallBehind(news);
    else this.#stream.send(news.bytes);
  }

  beat(): void {
    if (isOver(this.#options.identity.expiresAt)) return this.close(disconnects.expired);
    // What a filter held back moves the client's position, too.
    const filtered = this.#options.request.filter !== null && this.#group !== undefined;
    if (filtered) this.#write(cursorBlock(this.#group?.cursor() ?? this.#reader.cursor));
    else this.#stream.send(heartbeat);
  }

  graceOver(): void {
    // Nothing is expected back.
  }

  close(disconnect: Disconnect): void {
    this.#stream.close(disconnect);
  }

  #isTooMuch({ stateLost, answer }: GroupNews): boolean {
    // A signal brings nothing to be read later.
    if (answer === null) return false;
    return stateLost || this.#options.request.everyMs > 0 || this.#stream.backlog > slowBytes;
  }

  #start(latest: boolean): void {
    this.#run(latest).catch((error) => {
      this.#options.node.onError(error, "event stream");
      this.close(disconnects.serverError);
    });
  }

  /** Reads on by itself from where the group was before the news. */
  #fallBehind({ before, stateLost }: GroupNews): void {
    const { everyMs } = this.#options.request;
    this.#group?.leave();
    this.#group = undefined;
    this.#reader.moveTo(before);
    if (everyMs === 0 || stateLost) return this.#start(true);
    this.#timer = setTimeout(() => this.#start(true), everyMs - Date.now() % everyMs);
  }

  async #run(latest: boolean): Promise<void> {
    while (this.#open) {
      const open = () => this.#open;
      if (!await drained(this.#stream, pageBytes, catchUpPatienceMs, open)) {
        return this.close(disconnects.slow);
      }
      const step = await this.#reader.next(pageCount, latest);
      if (!this.#open) return;
      if (step.kind !== "level") this.#tell(step);
      else if (this.#reader.isLevel) return this.#join();
    }
  }

  #tell(step: Exclude<Step, { kind: "level" }>): void {
    switch (step.kind) {
      case "lost":
        return this.#write(subscribedBlock([step.start], this.#reader.cursor, Date.now()));
      case "messages":
        if (step.messages.length > 0) this.#write(step.messages.map(block).join(""));
        return;
      case "state":
        return this.#tellState(step);
    }
  }

  #tellState({ start, chunk, last }: Extract<Step, { kind: "state" }>): void {
    const { filter } = this.#options.request;
    if (filter === null && !last) return this.#stream.send(chunk.block);
    const bodies = filter === null ? chunk.bodies : chunk.filtered(filter);
    this.#write(stateBlock(start.channel, bodies, last ? this.#reader.cursor : null));
  }

  #join(): void {
    const { streams, hash } = this.#reader;
    const { joinLeave, request: { filter } } = this.#options;
    // The reader empties its list when it is released; the group keeps its own.
    const options = { joinLeave, filter };
    this.#group = this.#options.groups.join(this, [...streams], hash, options);
  }

  #write(text: string): void {
    this.#stream.send(encoder.encode(text));
  }

  #closed(): void {
    this.#open = false;
    this.#batched?.stop();
    this.#stopHeartbeat();
    clearTimeout(this.#timer);
    clearTimeout(this.#probe);
    this.#group?.leave();
    for (const attendance of this.#attendances) attendance.exit();
    this.#reader.release();
    this.#options.node.sessions.remove(this);
    this.#options.node.sessions.dismiss();
  }
}

function block({ text, cursor }: Message): string {
  return text === null ? cursorBlock(cursor ?? "") : messageBlock(text, cursor);
}

function attendancesOf({ node, request }: EventSessionOptions, info: ClientInfo): Attendance[] {
  return request.channels.flatMap((channel, i) => {
    const rules = request.rules[i];
    return rules === undefined ? [] : [new Attendance(node, channel, rules, info)];
  });
}
