/** Several methods in one request, each with a reply of its own. */
import { ProtocolError } from "../protocol/errors.ts";
import { check, type Method, type MethodKind } from "./methods.ts";
import { batchRequest } from "./requests.ts";

/** UTF-16 units of read replies after which an answer takes no more of them. */
const maxReadLength = 16 * 1024 * 1024;

interface Command {
  readonly name: string;
  readonly kind: MethodKind;
  readonly perform: () => Promise<string>;
}

/**
 * Checks all commands before the first is done. What it returns does them, one after the other
 * unless `parallel`; those that write and follow one another go together in any case.
 * @param onError told of what is not the caller's to know; its command is answered with 100.
 * @throws ProtocolError 107 with the name of the field that is wrong.
 */
export function prepareBatch(
  methods: ReadonlyMap<string, Method>,
  request: unknown,
  onError: (error: unknown, stage: string) => void,
): () => Promise<string> {
  const { commands, parallel } = check(batchRequest, request);
  const prepared = commands.map((command, i) => prepareCommand(methods, command, `commands.${i}`));
  return async () => `{"replies":[${(await perform(prepared, parallel, onError)).join(",")}]}`;
}

function prepareCommand(
  methods: ReadonlyMap<string, Method>,
  command: Readonly<Record<string, unknown>>,
  at: string,
): Command {
  const [name = "", ...others] = Object.keys(command);
  if (others.length > 0) {
    throw new ProtocolError("badRequest", `${at}: has both ${name} and ${others[0]}`);
  }
  const method = methods.get(name);
  if (method === undefined) {
    throw new ProtocolError("badRequest", `${at}: needs one of ${[...methods.keys()].join(", ")}`);
  }
  return { name, kind: method.kind, perform: method.prepare(command[name], `${at}.${name}`) };
}

async function perform(
  commands: readonly Command[],
  parallel: boolean,
  onError: (error: unknown, stage: string) => void,
): Promise<string[]> {
  const replies: Promise<string>[] = [];
  let length = 0;
  for (const command of commands) {
    if (command.kind === "write" || (parallel && command.kind === "ask")) {
      replies.push(replyTo(command, onError));
      continue;
    }
    if (!parallel) await Promise.all(replies);
    // Reads one at a time, also in parallel: what they come to is known before the next.
    const reply = command.kind === "read" && length > maxReadLength
      ? errorOf(new ProtocolError("limitExceeded", "this answer is full: ask again"))
      : await replyTo(command, onError);
    if (command.kind === "read") length += reply.length;
    replies.push(Promise.resolve(reply));
  }
  return await Promise.all(replies);
}

/** Never rejects. */
async function replyTo(
  { name, perform }: Command,
  onError: (error: unknown, stage: string) => void,
): Promise<string> {
  try {
    return `{"${name}":${await perform()}}`;
  } catch (error) {
    if (error instanceof ProtocolError) return errorOf(error);
    onError(error, name);
    return errorOf(new ProtocolError("internal"));
  }
}

function errorOf(error: ProtocolError): string {
  return JSON.stringify({ error });
}
