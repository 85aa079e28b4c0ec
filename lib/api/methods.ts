/** The methods of `POST /api/<method>`: the form of each request and what it does. */
import type { z } from "zod";
import type { Node } from "../node/node.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { PollApi } from "./poll_api.ts";
import * as requests from "./requests.ts";
import { ServerApi } from "./server_api.ts";
import { StateApi } from "./state_api.ts";

/**
 * `write`: the broker keeps the order of the calls, so none waits for another. `read`: its answer
 * may be long. `ask`: neither.
 */
export type MethodKind = "write" | "read" | "ask";

export interface Method {
  readonly kind: MethodKind;
  /**
   * Checks a request. What it returns does it and gives the result as JSON text.
   * @param at what stands before the names of fields in the refusal.
   * @throws ProtocolError 107 with the name of the field that is wrong.
   */
  prepare(request: unknown, at?: string): () => Promise<string>;
}

export function methodsOf(node: Node): ReadonlyMap<string, Method> {
  const api = new ServerApi(node);
  const state = new StateApi(node);
  const polls = new PollApi(node);
  return new Map([
    ["publish", method("write", requests.publishRequest, (r) => api.publish(r))],
    ["broadcast", method("write", requests.broadcastRequest, (r) => api.broadcast(r))],
    ["history", method("read", requests.historyRequest, (r) => api.history(r))],
    ["presence", method("read", requests.presenceRequest, (r) => api.presence(r))],
    ["presence_stats", method("ask", requests.presenceRequest, (r) => api.presenceStats(r))],
    ["channels", method("read", requests.channelsRequest, (r) => api.channels(r))],
    ["info", method("ask", requests.infoRequest, () => api.info())],
    ["disconnect", method("ask", requests.disconnectRequest, (r) => api.disconnect(r))],
    ["map_publish", method("write", requests.mapPublishRequest, (r) => state.publish(r))],
    ["map_remove", method("write", requests.mapRemoveRequest, (r) => state.remove(r))],
    ["map_read_state", method("read", requests.mapReadStateRequest, (r) => state.readState(r))],
    ["map_read_stream", method("read", requests.mapReadStreamRequest, (r) => state.readStream(r))],
    ["map_stats", method("ask", requests.mapRequest, (r) => state.stats(r))],
    ["map_clear", method("ask", requests.mapRequest, (r) => state.clear(r))],
    [
      "shared_poll_publish",
      method("ask", requests.sharedPollPublishRequest, (r) => polls.publish(r)),
    ],
  ]);
}

function method<Shape extends z.ZodType>(
  kind: MethodKind,
  shape: Shape,
  perform: (request: z.output<Shape>) => Promise<string>,
): Method {
  return {
    kind,
    prepare(request, at) {
      const checked = check(shape, request, at);
      return () => perform(checked);
    },
  };
}

/** @throws ProtocolError 107 */
export function check<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  at = "",
): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [...(at === "" ? [] : [at]), ...(issue?.path ?? []).map(String)].join(".");
  const where = path === "" ? "body" : path;
  throw new ProtocolError("badRequest", `${where}: ${issue?.message ?? "of another form"}`);
}
