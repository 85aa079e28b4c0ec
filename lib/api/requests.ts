/** Request bodies of the server API: Centrifugo's names and shapes (centrifugal.dev, server_api). */
import { z } from "zod";

const channel = z.string();
const fitsCloseFrame = (reason: string) => new TextEncoder().encode(reason).byteLength <= 123;
/** The body was parsed as JSON, so anything that is there is JSON. */
const data = z.custom<unknown>((value) => value !== undefined, "is missing");
const tags = z.record(z.string().max(64), z.string().max(256)).refine(
  (all) => Object.keys(all).length <= 16,
  "at most 16 tags",
);
const idempotencyKey = z.string().max(128).optional();
const b64data = z.never("binary data is not available: send JSON in data").optional();
const publishing = {
  data,
  skip_history: z.boolean().optional(),
  tags: tags.optional(),
  idempotency_key: idempotencyKey,
  /** Accepted; nothing is sent as a delta yet. */
  delta: z.boolean().optional(),
  b64data,
};

export const publishRequest = z.object({ channel, ...publishing });
export const broadcastRequest = z.object({
  channels: z.array(channel).min(1).max(1_000),
  ...publishing,
});
export const historyRequest = z.object({
  channel,
  limit: z.int().default(0),
  since: z.object({ offset: z.int().min(0).default(0), epoch: z.string().default("") }).optional(),
  reverse: z.boolean().default(false),
});
export const presenceRequest = z.object({ channel });
export const channelsRequest = z.object({ pattern: z.string().max(255).default("") });
export const infoRequest = z.object({});
export const disconnectRequest = z.object({
  /** Not empty: that would be every anonymous client. */
  user: z.string().min(1, "is empty"),
  client: z.string().optional(),
  disconnect: z.object({
    code: z.int().min(3000).max(4999),
    reason: z.string().refine(fitsCloseFrame, "is longer than 123 bytes").default(""),
  }).optional(),
});

const key = z.string();
const version = {
  /** 0: none. */
  version: z.int().min(0).default(0),
  version_epoch: z.string().max(128).default(""),
};

export const mapPublishRequest = z.object({
  channel,
  key,
  data,
  tags: tags.optional(),
  score: z.number().optional(),
  idempotency_key: idempotencyKey,
  key_mode: z.enum(["", "if_new", "if_exists"]).default(""),
  ...version,
  /** Accepted; nothing is sent as a delta yet. */
  delta: z.boolean().optional(),
  b64data,
  stream_data: z.never("is not available: subscribers get data").optional(),
});
export const mapRemoveRequest = z.object({ channel, key, idempotency_key: idempotencyKey });
export const mapReadStateRequest = z.object({
  channel,
  key: z.string().default(""),
  limit: z.int().default(0),
  cursor: z.string().max(2_048).default(""),
  asc: z.boolean().default(false),
  revision_offset: z.int().min(0).default(0),
  revision_epoch: z.string().default(""),
});
export const mapReadStreamRequest = z.object({
  channel,
  limit: z.int().default(0),
  since_offset: z.int().min(0).default(0),
  since_epoch: z.string().default(""),
  reverse: z.boolean().default(false),
});
export const mapRequest = z.object({ channel });

export const sharedPollPublishRequest = z.object({
  channel,
  key,
  data,
  version: z.int("is missing or not a whole number").min(1),
  epoch: z.string().max(256).default(""),
  b64data,
});

/** Each command is one method's name with its request; `methods.ts` knows them. */
export const batchRequest = z.object({
  commands: z.array(z.record(z.string(), z.unknown())).max(1_000),
  parallel: z.boolean().default(false),
});

export type PublishRequest = z.infer<typeof publishRequest>;
export type BroadcastRequest = z.infer<typeof broadcastRequest>;
export type HistoryRequest = z.infer<typeof historyRequest>;
export type PresenceRequest = z.infer<typeof presenceRequest>;
export type ChannelsRequest = z.infer<typeof channelsRequest>;
export type DisconnectRequest = z.infer<typeof disconnectRequest>;
export type MapPublishRequest = z.infer<typeof mapPublishRequest>;
export type MapRemoveRequest = z.infer<typeof mapRemoveRequest>;
export type MapReadStateRequest = z.infer<typeof mapReadStateRequest>;
export type MapReadStreamRequest = z.infer<typeof mapReadStreamRequest>;
export type SharedPollPublishRequest = z.infer<typeof sharedPollPublishRequest>;
export type MapRequest = z.infer<typeof mapRequest>;
